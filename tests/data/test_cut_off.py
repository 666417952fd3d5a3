"""Truncated files of any format give one line with their name."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sweeper.data import load
from sweeper.data.builtin import fashion_mnist
from sweeper.errors import SweeperError

GENERATOR = np.random.default_rng(0)
FOUR = [f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    header = bytes((0, 0, kind, array.ndim)) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.tobytes()


def pixels(*shape: int) -> np.ndarray:
    return GENERATOR.integers(0, 256, shape, np.uint8)


def digits(size: int) -> np.ndarray:
    return np.arange(size, dtype=np.uint8) % 10


def mnist(raw: Path, ending: str = "") -> list[Path]:
    arrays = [pixels(20, 28, 28), digits(20), pixels(10, 28, 28), digits(10)]
    paths = [raw / f"{stem}-ubyte{ending}" for stem in FOUR]
    for path, array in zip(paths, arrays, strict=True):
        content = idx(array)
        path.write_bytes(gzip.compress(content) if ending else content)
    return paths


def emnist(raw: Path) -> list[Path]:
    paths = []
    for part in ("train", "test"):
        for kind, array in (("images-idx3", pixels(10, 28, 28)), ("labels-idx1", digits(10) + 1)):
            paths.append(raw / f"emnist-letters-{part}-{kind}-ubyte")
            paths[-1].write_bytes(idx(array))
    return paths


def qmnist(raw: Path) -> list[Path]:
    paths = []
    rows = np.zeros((10, 8), ">i4")
    rows[:, 0] = digits(10)
    for part in ("train", "test"):
        paths += [raw / f"qmnist-{part}-images-idx3-ubyte", raw / f"qmnist-{part}-labels-idx2-int"]
        paths[-2].write_bytes(idx(pixels(10, 28, 28)))
        paths[-1].write_bytes(idx(rows, kind=12))
    return paths


def cifar10(folder: Path) -> list[Path]:
    (folder / "batches.meta.txt").write_text("cat\ndog\n")
    paths = [
        folder / f"{stem}.bin" for stem in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
    ]
    for path in paths:
        path.write_bytes(b"".join(bytes([c]) + pixels(3072).tobytes() for c in (0, 1)))
    return paths


def cifar100(folder: Path) -> list[Path]:
    (folder / "fine_label_names.txt").write_text("apple\nbaby\n")
    paths = [folder / "train.bin", folder / "test.bin"]
    for path in paths:
        path.write_bytes(b"".join(bytes([0, c]) + pixels(3072).tobytes() for c in (0, 1)))
    return paths


#: Name, folder below the data root, and what writes the files there.
FORMATS = {
    "mnist": ("mnist", "MNIST/raw", mnist),
    "mnist, gzipped": ("mnist", "MNIST/raw", lambda raw: mnist(raw, ".gz")),
    "kmnist": ("kmnist", "KMNIST/raw", mnist),
    "fashion": ("fashion-mnist", "FashionMNIST/raw", mnist),
    "fashion, gzipped": ("fashion-mnist", "FashionMNIST/raw", lambda raw: mnist(raw, ".gz")),
    "emnist": ("emnist-letters", "EMNIST/raw", emnist),
    "qmnist": ("qmnist", "QMNIST/raw", qmnist),
    "cifar10": ("cifar10", "cifar-10-batches-bin", cifar10),
    "cifar100": ("cifar100", "cifar-100-binary", cifar100),
}


def one_line_that_names(path: Path, spec: str) -> str:
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        load(spec)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("keep", [0, 3, 9, -1])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_published_file(
    no_network: Path, monkeypatch: pytest.MonkeyPatch, kind: str, keep: int
) -> None:
    name, place, write = FORMATS[kind]
    monkeypatch.setattr(fashion_mnist, "_DEBIAN", no_network)
    folder = no_network / place
    folder.mkdir(parents=True)
    paths = write(folder)
    whole = load(name).fingerprint()
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content[:keep])
        assert "download it again" in one_line_that_names(path, name)
        path.write_bytes(content)
    assert load(name).fingerprint() == whole


@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.99])
def test_an_npz(tmp_path: Path, share: float) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, images=pixels(10, 8, 8), labels=np.arange(10) % 2)
    assert len(load(str(path))) == 10
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    one_line_that_names(path, str(path))


@pytest.mark.parametrize("keep", [0, 10, 0.5])
@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp", "tif", "gif"])
def test_an_image(tmp_path: Path, ending: str, keep: float) -> None:
    paths = [tmp_path / "images" / c / f"{i}.{ending}" for c in "ab" for i in range(3)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels(40, 40)).save(path)
    table = tmp_path / "images.csv"
    lines = [f"images/{path.parent.name}/{path.name},{path.parent.name}" for path in paths]
    table.write_text("\n".join(["path,label", *lines]))
    for spec in (tmp_path / "images", table):
        assert len(load(str(spec))) == 6
    content = paths[4].read_bytes()
    paths[4].write_bytes(content[: keep if isinstance(keep, int) else len(content) // 2])
    for spec in (tmp_path / "images", table):
        one_line_that_names(paths[4], str(spec))
        assert len(load(f"{spec}[broken=skip]")) == 5


def test_mnist_in_its_published_files(no_network: Path) -> None:
    for ending in ("", ".gz"):
        raw = no_network / "MNIST" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for path in raw.iterdir():
            path.unlink()
        paths = mnist(raw, ending)
        content = [gzip.decompress(p.read_bytes()) if ending else p.read_bytes() for p in paths]
        dataset = load("mnist")
        assert dataset.inputs.numpy().tobytes() == content[0][16:] + content[2][16:]
        assert bytes(dataset.labels.tolist()) == content[1][8:] + content[3][8:]
        assert dataset.class_names[0] == "0 - zero"
        assert dataset.parts is not None
        assert dataset.parts.tolist() == [0] * 20 + [2] * 10


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({1: digits(19)}, r"raw: numbers of images and labels differ"),
        (
            {1: digits(20) + 1},
            r"train-labels-idx1-ubyte has the label 10, but there are 10 classes",
        ),
        ({0: pixels(20, 28)}, r"train-images-idx3-ubyte has the shape \[20, 28\]"),
        ({2: pixels(10, 27, 28)}, r"raw: training and test images differ in size"),
        ({2: pixels(0, 28, 28), 3: digits(0)}, r"t10k-images-idx3-ubyte has the shape \[0, 28, 28"),
    ],
)
def test_files_that_do_not_match(no_network: Path, broken, says: str) -> None:
    raw = no_network / "MNIST" / "raw"
    raw.mkdir(parents=True)
    paths = mnist(raw)
    for number, array in broken.items():
        paths[number].write_bytes(idx(array))
    with pytest.raises(SweeperError, match=says + r".*; download it again$"):
        load("mnist")


@pytest.mark.parametrize(
    ("name", "folder", "archive"),
    [
        ("cifar10", "cifar-10-batches-py", "cifar-10-binary.tar.gz"),
        ("cifar100", "cifar-100-python", "cifar-100-binary.tar.gz"),
    ],
)
def test_pickled_cifar_is_distinguished_from_missing(
    no_network: Path, name: str, folder: str, archive: str
) -> None:
    (no_network / folder).mkdir(parents=True)
    says = one_line_that_names(no_network / folder, name)
    assert "holds pickles, which are never read; download the binary version, http" in says
    assert archive in says


def test_class_names_of_cifar_that_are_not_text(no_network: Path) -> None:
    folder = no_network / "cifar-100-binary"
    folder.mkdir(parents=True)
    cifar100(folder)
    (folder / "fine_label_names.txt").write_bytes(b"\xff\xfe")
    assert "download it again" in one_line_that_names(folder / "fine_label_names.txt", "cifar100")
    (folder / "fine_label_names.txt").write_text("")
    one_line_that_names(folder / "fine_label_names.txt", "cifar100")
