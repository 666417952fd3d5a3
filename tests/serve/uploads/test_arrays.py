"""Arrays of an .npz: what they claim is held against what is there, before it is read."""

import zipfile

import numpy as np
import pytest

from sweeper.errors import SweeperError
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.arrays import require_readable
from tests.support.sent_files import archive_of, claimed_npy, embeddings_file, images_file


@pytest.mark.parametrize("make", [embeddings_file, images_file])
def test_what_numpy_writes_is_taken(tmp_path, make):
    require_readable(make(tmp_path / "sent.npz"))


def test_labels_of_one_class_after_the_other_may_be_packed_well(tmp_path):
    labels = np.repeat(np.arange(10), 50_000)
    np.savez_compressed(tmp_path / "sent.npz", labels=labels)
    assert (tmp_path / "sent.npz").stat().st_size * limits.LARGEST_RATIO < labels.nbytes
    require_readable(tmp_path / "sent.npz")


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6), (2**62, 4), (3,)])
def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path, shape):
    path = archive_of(tmp_path / "sent.npz", {"images.npy": claimed_npy(shape)})
    assert path.stat().st_size < 586
    with pytest.raises(SweeperError, match=r"'images' claims .* bytes and holds 0"):
        require_readable(path)


def test_an_archive_that_claims_to_hold_it_is_refused(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "sent.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("images.npy", "w", force_zip64=True) as file,
    ):
        file.write(claimed_npy((64 * 2**20,)))
        for _ in range(64):
            file.write(b"\0" * 2**20)
    with pytest.raises(SweeperError, match="times as large unpacked"):
        require_readable(tmp_path / "sent.npz")


@pytest.mark.parametrize("array", [np.array([{}, None]), np.zeros(3, "i4,f4")])
def test_objects_are_refused(tmp_path, array):
    np.savez(tmp_path / "sent.npz", images=array, allow_pickle=True)
    with pytest.raises(SweeperError, match="holds objects"):
        require_readable(tmp_path / "sent.npz")


def test_too_many_samples_are_refused(tmp_path):
    np.savez(tmp_path / "sent.npz", embeddings=np.zeros((limits.MOST_SAMPLES + 1, 1), "f2"))
    with pytest.raises(SweeperError, match=r"100,001 embeddings are more than 100,000"):
        require_readable(tmp_path / "sent.npz")


def test_too_many_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "sent.npz", **{f"a{n}": np.zeros(1) for n in range(33)})
    with pytest.raises(SweeperError, match="33 arrays"):
        require_readable(tmp_path / "sent.npz")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00" + b"\0" * 99,
        b"\x93NUMPY\x01\x00\xff\xff{" + b"(" * 9999,
    ],
)
def test_what_is_no_array_is_one_line(tmp_path, content):
    path = archive_of(tmp_path / "sent.npz", {"images.npy": content})
    with pytest.raises(SweeperError, match=r"write it with numpy\.savez"):
        require_readable(path)
    (tmp_path / "sent.npz").write_bytes(content)
    with pytest.raises(SweeperError, match=r"write it with numpy\.savez"):
        require_readable(path)
