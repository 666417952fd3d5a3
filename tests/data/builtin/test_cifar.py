"""Tiny files in the published binary formats of CIFAR-10 and CIFAR-100."""

from pathlib import Path

import numpy as np
import pytest

from sweeper.data import TEST, TRAIN, load, names
from sweeper.errors import SweeperError

GENERATOR = np.random.default_rng(0)


def records(labels: list[list[int]]) -> tuple[bytes, np.ndarray]:
    """A record is its labels, then 1,024 bytes each of red, green and blue, row by row."""
    images = GENERATOR.integers(0, 256, (len(labels), 3, 32, 32), np.uint8)
    pairs = zip(labels, images, strict=True)
    return b"".join(bytes(label) + image.tobytes() for label, image in pairs), images


@pytest.fixture
def cifar10(no_network: Path) -> tuple[Path, np.ndarray]:
    folder = no_network / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    (folder / "batches.meta.txt").write_text("airplane\nautomobile\nbird\n\n")
    images = []
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        content, batch = records([[0], [1], [2], [1]])
        (folder / f"{name}.bin").write_bytes(content)
        images.append(batch)
    return folder, np.concatenate(images)


def test_cifar10(cifar10: tuple[Path, np.ndarray]) -> None:
    dataset = load("cifar10")
    assert dataset.class_names == ("airplane", "automobile", "bird")
    assert np.array_equal(dataset.inputs.numpy(), cifar10[1])
    assert dataset.labels.tolist() == [0, 1, 2, 1] * 6
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN] * 20 + [TEST] * 4
    assert next(item for item in names() if item.name == "cifar10").is_here()
    assert load("cifar10[classes=airplane+bird]").labels.tolist() == [0, 1] * 6


def test_cifar100_uses_the_fine_labels(no_network: Path) -> None:
    folder = no_network / "cifar-100-binary"
    folder.mkdir(parents=True)
    (folder / "fine_label_names.txt").write_text("apple\naquarium_fish\nbaby\n")
    (folder / "coarse_label_names.txt").write_text("a\nb\n")
    train, images = records([[1, 0], [0, 1], [1, 2]])
    test, _ = records([[0, 2]])
    (folder / "train.bin").write_bytes(train)
    (folder / "test.bin").write_bytes(test)
    dataset = load("cifar100")
    assert dataset.class_names == ("apple", "aquarium_fish", "baby")
    assert dataset.labels.tolist() == [0, 1, 2, 2]
    assert np.array_equal(dataset.inputs[:3].numpy(), images)


def test_damaged_files(cifar10: tuple[Path, np.ndarray]) -> None:
    batch = cifar10[0] / "data_batch_2.bin"
    content = batch.read_bytes()
    batch.write_bytes(content[:-1])
    with pytest.raises(SweeperError, match=r"data_batch_2\.bin is truncated"):
        load("cifar10")
    batch.write_bytes(bytes([9]) + content[1:])
    with pytest.raises(SweeperError, match=r"label 9 has no name in \S+batches\.meta\.txt"):
        load("cifar10")


def test_no_files_and_no_network(no_network: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(
        SweeperError, match=r"^cifar100: \S+/cifar-100-binary is missing or incomplete[^\n]*$"
    ):
        load("cifar100")
    place = no_network / "cifar-100-binary"
    assert capfd.readouterr().err == f"cifar100: downloading 60,000 images to {place}\n"
