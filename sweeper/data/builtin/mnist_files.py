"""The four files of MNIST, Fashion-MNIST and KMNIST: 28 × 28 and gray."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.builtin.download import missing, quietly
from sweeper.data.dataset import TEST, TRAIN
from sweeper.data.paths import data_root
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.readers.idx import read_idx
from sweeper.errors import SweeperError

_STEMS = [f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


def files(folder: Path) -> list[Path] | None:
    """Return the files of training images and labels and of test images and labels, or None.

    They may be gzipped.
    """
    for ending in ("-ubyte", "-ubyte.gz"):
        paths = [folder / f"{stem}{ending}" for stem in _STEMS]
        if all(path.is_file() for path in paths):
            return paths
    return None


def read(source: str, paths: Sequence[Path], class_names: Sequence[str]) -> RawDataset:
    """Return all images with their predefined parts; skip classes without images.

    Args:
        source: as in ``Dataset``.
        paths: the four files, as returned by ``files``.
        class_names: the name of each label.

    Raises:
        SweeperError: a file is damaged, or the files do not match.
    """
    arrays = [read_idx(path) for path in paths]
    for path, array, axes in zip(paths, arrays, (3, 1, 3, 1), strict=True):
        if array.ndim != axes or 0 in array.shape:
            raise SweeperError(f"{path} has the shape {list(array.shape)}; download it again")
    sizes = [len(arrays[1]), len(arrays[3])]
    if [len(arrays[0]), len(arrays[2])] != sizes:
        raise SweeperError(
            f"{paths[0].parent}: numbers of images and labels differ; download it again"
        )
    if arrays[0].shape[1:] != arrays[2].shape[1:]:
        raise SweeperError(
            f"{paths[0].parent}: training and test images differ in size; download it again"
        )
    for path, labels_of_part in zip(paths[1::2], arrays[1::2], strict=True):
        if labels_of_part.max() >= len(class_names):
            raise SweeperError(
                f"{path} has the label {labels_of_part.max()}, but there are {len(class_names)} "
                "classes; download it again"
            )
    present, labels = np.unique(np.concatenate(arrays[1::2]), return_inverse=True)
    return RawDataset(
        source,
        torch.from_numpy(labels.astype(np.int64)),
        tuple(class_names[number] for number in present),
        to_images(np.concatenate(arrays[0::2])),
        parts=torch.tensor([TRAIN, TEST], dtype=torch.uint8).repeat_interleave(torch.tensor(sizes)),
    )


def folder(kind: str) -> Path:
    """Return the folder in which a class of ``torchvision.datasets`` keeps its files."""
    return data_root() / kind / "raw"


def download(name: str, images: int, kind: str) -> list[Path]:
    """Download the four files with a class of ``torchvision.datasets`` and return them.

    Raises:
        SweeperError: they cannot be downloaded.
    """
    import torchvision

    error: Exception | None = None
    with quietly() as announce:
        announce(name, images, folder(kind))
        try:
            getattr(torchvision.datasets, kind)(data_root(), download=True)
        except (OSError, RuntimeError) as failure:
            error = failure
    if (paths := files(folder(kind))) is None:
        raise missing(name, folder(kind), error)
    return paths
