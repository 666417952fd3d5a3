"""``fashion-mnist``: 60,000 + 10,000 images of clothing, 28 × 28 and gray (Xiao et al. 2017)."""

from pathlib import Path

from sweeper.data.builtin import mnist_files
from sweeper.data.raw_dataset import RawDataset

#: Where Debian's package dataset-fashion-mnist installs the files.
_DEBIAN = Path("/usr/share/datasets/fashion-mnist")
_KIND = "FashionMNIST"
_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def files() -> list[Path] | None:
    """Return the files of training images and labels and of test images and labels, or None."""
    return mnist_files.files(mnist_files.folder(_KIND)) or mnist_files.files(_DEBIAN)


def is_here() -> bool:
    """Return whether the files are here."""
    return files() is not None


def load() -> RawDataset:
    """Return all images with their predefined parts, from torchvision's or Debian's folder.

    Raises:
        SweeperError: the files are missing and cannot be downloaded, or are damaged.
    """
    paths = files() or mnist_files.download("fashion-mnist", 70_000, _KIND)
    return mnist_files.read("fashion-mnist", paths, _CLASSES)
