"""Reads any data set of `sweeper.registry.torchvision_datasets` through torchvision."""

import importlib.util
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from sweeper.data.arrays import to_images
from sweeper.data.builtin import mnist_files
from sweeper.data.builtin.download import missing, quietly
from sweeper.data.class_names import natural
from sweeper.data.dataset import TEST, TRAIN, VALIDATION
from sweeper.data.images.files import LARGEST_OWN_SIDE, ImageFile
from sweeper.data.paths import data_root
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.readers.idx import damaged
from sweeper.errors import SweeperError
from sweeper.registry.torchvision_datasets import Part, VisionSet

_PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST, None: None}
#: Attributes of torchvision's classes with the labels, or with pairs that contain a label.
_LABELS = ("targets", "labels", "_labels", "y", "_samples", "_flat_character_images", "identity",
           "index")  # fmt: skip
#: Attributes with the class names.
_NAMES = ("classes", "categories", "all_categories", "_characters", "class_to_idx")
#: Attributes that name the images, for data sets without a fixed order.
_FILES = ("_image_files", "_flat_character_images", "index")
#: Classes of torchvision with MNIST's four files.
_IDX = ("MNIST", "KMNIST")


def load(row: VisionSet) -> RawDataset:
    """Load a data set from below the data root, downloading it if necessary.

    Images that torchvision keeps in memory and that have at most 64 pixels per side are used as
    they are; others are treated like those of an image folder. Parts without labels and classes
    without images are skipped.

    Raises:
        SweeperError: the files are missing and cannot be downloaded, or a package is missing.
    """
    if row.needs and importlib.util.find_spec(row.needs) is None:
        raise SweeperError(f"{row.name} needs the package {row.needs}: pip install {row.needs}")
    if row.kind in _IDX:
        return _load_idx(row)
    builds = []
    try:
        with quietly() as tell:
            announce = partial(tell, row.name, row.images, data_root() / row.place)
            for part, arguments in row.builds:
                if (listing := _list(row, part, arguments, announce)) is not None:
                    builds.append(listing)
    except (OSError, RuntimeError, ValueError, LookupError, AssertionError) as error:
        if broken := damaged(data_root() / row.place):
            raise SweeperError(f"{broken} is truncated; download it again") from None
        raise missing(row.name, data_root() / row.place, error) from None
    present = {name for listing in builds for name in listing.names}
    known = [name for listing in builds for name in listing.classes if name in present]
    if row.unordered:
        known.sort(key=natural)
    class_names = tuple(dict.fromkeys(known))
    number = {name: i for i, name in enumerate(class_names)}
    arrays = [listing.inputs for listing in builds if isinstance(listing.inputs, np.ndarray)]
    files = [file for listing in builds if not arrays for file in listing.inputs]
    parts = [_PARTS[listing.part] for listing in builds for _ in listing.names]
    return RawDataset(
        row.source or row.name,
        torch.tensor(
            [number[name] for listing in builds for name in listing.names], dtype=torch.int64
        ),
        class_names,
        to_images(np.concatenate(arrays)) if arrays else files,
        parts=None if None in parts else torch.tensor(parts, dtype=torch.uint8),
    )


def _load_idx(row: VisionSet) -> RawDataset:
    # torchvision's reader does not accept gzipped files and does not name a damaged one.
    import torchvision

    paths = mnist_files.files(mnist_files.folder(row.kind))
    paths = paths or mnist_files.download(row.name, row.images, row.kind)
    classes = getattr(torchvision.datasets, row.kind).classes
    return mnist_files.read(row.source or row.name, paths, classes)


@dataclass(frozen=True)
class _Listing:
    """One part: its images, the class name of each, and all class names in order."""

    part: Part | None
    inputs: NDArray[np.uint8] | list[ImageFile]
    names: list[str]
    classes: list[str]


def is_here(row: VisionSet) -> bool:
    """Return whether the files are here, without a look into them."""
    # A failed download leaves empty folders behind.
    path = data_root() / row.place
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _list(
    row: VisionSet,
    part: Part | None,
    arguments: Mapping[str, Any],
    announce: Callable[[], None],
) -> _Listing | None:
    dataset = _build(row, arguments, announce)
    labels = _labels(dataset)
    if labels is None:
        return None
    classes = _classes(dataset, max(labels) + 1)
    names = [classes[label] for label in labels]
    data = getattr(dataset, "data", None)
    if isinstance(data, torch.Tensor):
        data = data.numpy()
    if (
        isinstance(data, np.ndarray)
        and data.dtype == np.uint8
        and max(to_images(data[:1]).shape[2:]) <= LARGEST_OWN_SIDE
    ):
        return _Listing(part, to_images(data).numpy(), names, classes)
    order = list(range(len(names)))
    if row.unordered:
        files = _attribute(dataset, _FILES)
        order.sort(key=lambda i: (natural(names[i]), str(files[i])))
    images = [ImageFile(f"{i} of {row.name}", partial(_open, dataset, i)) for i in order]
    return _Listing(part, images, [names[i] for i in order], classes)


def _build(row: VisionSet, arguments: Mapping[str, Any], announce: Callable[[], None]) -> Any:
    """Return torchvision's data set, downloading its files only if they are missing."""
    import torchvision

    kind = getattr(torchvision.datasets, row.kind)
    root = str(data_root() / row.root)
    if not row.downloads:
        return kind(root, **arguments)
    try:
        return kind(root, download=False, **arguments)
    except (OSError, RuntimeError):
        announce()
        return kind(root, download=True, **arguments)


def _open(dataset: Any, index: int) -> Image.Image:
    image: Image.Image = dataset[index][0]
    return image


def _attribute(dataset: Any, names: Sequence[str]) -> Any:
    return next((getattr(dataset, name) for name in names if hasattr(dataset, name)), None)


def _labels(dataset: Any) -> list[int] | None:
    """Return each image's class number, or None if a part has no labels."""
    values = _attribute(dataset, _LABELS)
    if values is None:
        values = [dataset[i][1] for i in range(len(dataset))]
    if isinstance(values, torch.Tensor | np.ndarray):
        # QMNIST and CelebA have one row per image, whose first number is the class.
        return [int(label) for label in np.asarray(values).reshape(len(values), -1)[:, 0]]
    labels = [_number(item) for item in values]
    return None if None in labels else [label for label in labels if label is not None]


def _number(item: Any) -> int | None:
    """Return the class number of an entry, which may be paired with a path or an image."""
    candidates = item if isinstance(item, tuple) else (item,)
    return next((int(x) for x in candidates if isinstance(x, int | np.integer)), None)


def _classes(dataset: Any, count: int) -> list[str]:
    """Return the class names in order, or the class numbers as names if there are none."""
    values = _attribute(dataset, _NAMES) or range(count)
    # ImageNet has a tuple of synonyms per class, and two classes share the first one.
    names = [str(item[0] if isinstance(item, tuple) else item) for item in values]
    repeated = {name for name, times in Counter(names).items() if times > 1}
    return [f"{name} ({i})" if name in repeated else name for i, name in enumerate(names)]
