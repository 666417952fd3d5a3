"""Tiny data sets in their published file formats, read through the real torchvision."""

import bz2
import inspect
import time
from pathlib import Path

import numpy as np
import pytest
import torchvision
from PIL import Image

from sweeper.data import TEST, TRAIN, VALIDATION, load, names
from sweeper.errors import SweeperError
from sweeper.registry.torchvision_datasets import TORCHVISION_DATASETS

GENERATOR = np.random.default_rng(0)


def image(path: Path, *shape: int) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = GENERATOR.integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    header = bytes((0, 0, kind, array.ndim)) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.tobytes()


def mnist_files(raw: Path, images: str, labels: str, size: int, first: int = 0) -> np.ndarray:
    raw.mkdir(parents=True, exist_ok=True)
    pixels = GENERATOR.integers(0, 256, (size, 28, 28), np.uint8)
    (raw / images).write_bytes(idx(pixels))
    (raw / labels).write_bytes(idx(np.arange(size, dtype=np.uint8) % 10 + first))
    return pixels


@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_mnist_and_its_like(no_network: Path, name: str) -> None:
    raw = no_network / name.upper() / "raw"
    train = mnist_files(raw, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", 30)
    test = mnist_files(raw, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 10)
    dataset = load(name)
    assert np.array_equal(dataset.inputs[:, 0].numpy(), np.concatenate([train, test]))
    assert dataset.labels.tolist() == [*(i % 10 for i in range(30)), *range(10)]
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN] * 30 + [TEST] * 10
    assert dataset.source == name
    assert dataset.num_classes == 10


def test_emnist_letters_have_no_empty_class(no_network: Path) -> None:
    raw = no_network / "EMNIST" / "raw"
    for part in ("train", "test"):
        stem = f"emnist-letters-{part}"
        mnist_files(raw, f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte", 20, first=1)
    dataset = load("emnist-letters")
    assert dataset.class_names == tuple("abcdefghij")
    assert dataset.source == "mnist"


def test_qmnist_labels_are_the_first_column(no_network: Path) -> None:
    raw = no_network / "QMNIST" / "raw"
    raw.mkdir(parents=True)
    rows = np.zeros((6, 8), ">i4")
    rows[:, 0] = [0, 1, 2, 2, 1, 0]
    for part in ("train", "test"):
        pixels = GENERATOR.integers(0, 256, (6, 28, 28), np.uint8)
        (raw / f"qmnist-{part}-images-idx3-ubyte").write_bytes(idx(pixels))
        (raw / f"qmnist-{part}-labels-idx2-int").write_bytes(idx(rows, kind=12))
    assert load("qmnist").labels.tolist() == [0, 1, 2, 2, 1, 0] * 2


def test_usps(no_network: Path) -> None:
    no_network.mkdir()
    pixels = np.linspace(-1, 1, 256)
    line = " ".join(f"{i + 1}:{value:.6f}" for i, value in enumerate(pixels))
    for name, digits in (("usps.bz2", (1, 2, 10)), ("usps.t.bz2", (10, 1))):
        text = "".join(f"{digit} {line}\n" for digit in digits)
        (no_network / name).write_bytes(bz2.compress(text.encode()))
    dataset = load("usps")
    assert dataset.inputs.shape == (5, 1, 16, 16)
    assert np.abs(dataset.inputs[3, 0].numpy().ravel() - (pixels + 1) * 127.5).max() < 1.01
    # The files count from 1, torchvision from 0; classes without images are skipped.
    assert dataset.class_names == ("0", "1", "9")
    assert dataset.labels.tolist() == [0, 1, 2, 2, 0]


def test_eurosat_is_a_folder_without_parts(no_network: Path) -> None:
    forest = image(no_network / "eurosat" / "2750" / "Forest" / "1.png", 64, 64, 3)
    image(no_network / "eurosat" / "2750" / "River" / "1.png", 64, 64, 3)
    dataset = load("eurosat")
    assert dataset.class_names == ("Forest", "River")
    assert dataset.parts is None
    assert np.array_equal(dataset.inputs[0].numpy(), forest.transpose(2, 0, 1))


def test_dtd_has_three_parts_and_images_of_any_size(no_network: Path) -> None:
    root = no_network / "dtd" / "dtd"
    (root / "labels").mkdir(parents=True)
    for i, part in enumerate(("train", "val", "test")):
        lines = []
        for kind in ("banded", "dotted"):
            image(root / "images" / kind / f"{kind}_{i}.jpg", 300 + i, 400, 3)
            lines.append(f"{kind}/{kind}_{i}.jpg\n")
        (root / "labels" / f"{part}1.txt").write_text("".join(lines))
    dataset = load("dtd")
    assert dataset.inputs.shape == (6, 3, 32, 32)
    assert dataset.labels.tolist() == [0, 1] * 3
    assert dataset.parts is not None
    assert sorted(dataset.parts.tolist()) == sorted([TRAIN, TEST, VALIDATION] * 2)
    assert load("dtd[size=48]").input_shape == (3, 48, 48)


def test_gtsrb_has_classes_without_names(no_network: Path) -> None:
    root = no_network / "gtsrb"
    for c in range(3):
        image(root / "GTSRB" / "Training" / f"{c:05d}" / "1.ppm", 20, 30 + c, 3)
    image(root / "GTSRB" / "Final_Test" / "Images" / "7.ppm", 20, 30, 3)
    (root / "GT-final_test.csv").write_text("Filename;ClassId\n7.ppm;2\n")
    dataset = load("gtsrb")
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.labels.tolist() == [0, 1, 2, 2]


def test_sun397_is_in_the_same_order_everywhere(no_network: Path) -> None:
    root = no_network / "SUN397"
    for name in ("b/beach/sun_2", "a/abbey/sun_9", "b/beach/sun_1", "a/abbey/sun_10"):
        image(root / f"{name}.jpg", 8, 8)
    (root / "ClassName.txt").write_text("/a/abbey\n/b/beach\n")
    assert load("sun397").class_names == ("abbey", "beach")
    files = ["a/abbey/sun_10", "a/abbey/sun_9", "b/beach/sun_1", "b/beach/sun_2"]
    expected = [np.asarray(Image.open(root / f"{name}.jpg")) for name in files]
    assert np.array_equal(load("sun397").inputs[:, 0].numpy(), np.stack(expected))


def test_a_part_without_labels_is_skipped(no_network: Path) -> None:
    root = no_network / "clevr" / "CLEVR_v1.0"
    for part in ("train", "val"):
        for i in range(4):
            image(root / "images" / part / f"{part}_{i}.png", 20, 30, 3)
        scenes = ", ".join(
            f'{{"image_filename": "{part}_{i}.png", "objects": {[0] * (3 + i % 2)}}}'
            for i in range(4)
        )
        (root / "scenes").mkdir(exist_ok=True)
        (root / "scenes" / f"CLEVR_{part}_scenes.json").write_text(f'{{"scenes": [{scenes}]}}')
    dataset = load("clevr")
    assert dataset.class_names == ("3", "4")
    assert dataset.labels.tolist() == [0, 1, 0, 1] * 2
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN] * 4 + [TEST] * 4


@pytest.mark.parametrize("row", TORCHVISION_DATASETS, ids=lambda row: row.name)
def test_without_files_or_network_one_line_says_where_they_go(
    no_network: Path, row, capfd: pytest.CaptureFixture[str]
) -> None:
    start = time.perf_counter()
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        load(row.name)
    assert time.perf_counter() - start < 5
    needed = row.needs and row.needs in str(caught.value)
    assert needed or f"{row.name}: {no_network / row.place} is missing or incomplete" in str(
        caught.value
    )
    place = no_network / row.place
    told = f"{row.name}: downloading {row.images:,} images to {place}\n"
    assert capfd.readouterr() == ("", told if row.downloads and not needed else "")
    assert not next(item for item in names() if item.name == row.name).is_here()


@pytest.mark.parametrize("row", TORCHVISION_DATASETS, ids=lambda row: row.name)
def test_torchvision_accepts_the_arguments(row) -> None:
    kind = getattr(torchvision.datasets, row.kind)
    for _, arguments in row.builds:
        all_arguments = dict(arguments, **({"download": False} if row.downloads else {}))
        signature = inspect.signature(kind)
        signature.bind("root", **all_arguments)
        if row.downloads and "kwargs" not in signature.parameters:
            assert "download" in signature.parameters


def test_every_classification_set_of_torchvision_is_listed() -> None:
    """The list in torchvision's documentation, without captions, random images and LSUN.

    LSUN needs a database package, and its smallest published part has a million images.
    """
    documented = {
        "Caltech101", "Caltech256", "CelebA", "CIFAR10", "CIFAR100", "Country211", "DTD", "EMNIST",
        "EuroSAT", "FashionMNIST", "FER2013", "FGVCAircraft", "Flowers102", "Food101", "GTSRB",
        "INaturalist", "ImageNet", "Imagenette", "KMNIST", "LFWPeople", "MNIST", "Omniglot",
        "OxfordIIITPet", "PCAM", "Places365", "QMNIST", "RenderedSST2", "SEMEION", "StanfordCars",
        "STL10", "SUN397", "SVHN", "USPS",
    }  # fmt: skip
    assert documented <= {row.kind for row in TORCHVISION_DATASETS} | {
        "CIFAR10",
        "CIFAR100",
        "FashionMNIST",
    }
    known = {item.name for item in names()}
    assert {"cifar10", "cifar100", "fashion-mnist"} | {
        row.name for row in TORCHVISION_DATASETS
    } <= known
