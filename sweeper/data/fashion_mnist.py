"""``fashion-mnist``: 60,000 + 10,000 images of clothes, 28 × 28 and grey (Xiao et al. 2017)."""

from pathlib import Path

import numpy as np
import torch

from sweeper.data.dataset import TEST, TRAIN
from sweeper.data.download import missing, quietly
from sweeper.data.found import Found, data_root, to_images
from sweeper.data.idx import read_idx
from sweeper.errors import SweeperError

#: Where Debian's package dataset-fashion-mnist installs the files.
_DEBIAN = Path("/usr/share/datasets/fashion-mnist")
_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def files() -> list[Path] | None:
    """Return the training images and labels and the test ones, or None if they are not here."""
    stems = [
        f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
    ]
    for folder in (_folder(), _DEBIAN):
        for ending in ("-ubyte", "-ubyte.gz"):
            paths = [folder / f"{stem}{ending}" for stem in stems]
            if all(path.is_file() for path in paths):
                return paths
    return None


def load() -> Found:
    """Return all images with the given parts, from torchvision's folder or Debian's.

    Raises:
        SweeperError: the files are not here and cannot be downloaded, or are damaged.
    """
    paths = files() or _download()
    arrays = [read_idx(path) for path in paths]
    sizes = [len(arrays[1]), len(arrays[3])]
    if [len(arrays[0]), len(arrays[2])] != sizes:
        raise SweeperError(
            f"{paths[0].parent}: numbers of images and labels differ; fetch it again"
        )
    return Found(
        "fashion-mnist",
        torch.from_numpy(np.concatenate(arrays[1::2]).astype(np.int64)),
        _CLASSES,
        to_images(np.concatenate(arrays[0::2])),
        parts=torch.tensor([TRAIN, TEST], dtype=torch.uint8).repeat_interleave(torch.tensor(sizes)),
    )


def _folder() -> Path:
    return data_root() / "FashionMNIST" / "raw"


def _download() -> list[Path]:
    from torchvision.datasets import FashionMNIST

    error: Exception | None = None
    with quietly() as tell:
        tell("fashion-mnist", 70_000, _folder())
        try:
            FashionMNIST(data_root(), download=True)
        except (OSError, RuntimeError) as failure:
            error = failure
    if (paths := files()) is None:
        raise missing("fashion-mnist", _folder(), error)
    return paths
