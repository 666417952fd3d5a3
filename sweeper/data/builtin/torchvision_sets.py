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
#: Attributes that hold the labels, or pairs with a label, in torchvision's classes.
_LABELS = ("targets", "labels", "_labels", "y", "_samples", "_flat_character_images", "identity",
           "index")  # fmt: skip
#: Attributes that hold the class names.
_NAMES = ("classes", "categories", "all_categories", "_characters", "class_to_idx")
#: Attributes that name the images of the data sets that come in no order.
_FILES = ("_image_files", "_flat_character_images", "index")
#: Classes of torchvision whose files are MNIST's four.
_IDX = ("MNIST", "KMNIST")


def load(row: VisionSet) -> RawDataset:
    """Find a data set below the data root, after a download where there is a network.

    Images that torchvision keeps in memory and that have at most 64 pixels a side are ready at
    once; others are treated like a folder's. Parts without labels are left out, and so are classes
    without images.

    Raises:
        SweeperError: the files are not there and cannot be downloaded, or a package is missing.
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
            raise SweeperError(f"{broken} is not whole; fetch it again") from None
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
    # torchvision's reader takes no gzipped files, and says of no damaged one which it is.
    import torchvision

    paths = mnist_files.files(mnist_files.folder(row.kind))
    paths = paths or mnist_files.download(row.name, row.images, row.kind)
    classes = getattr(torchvision.datasets, row.kind).classes
    return mnist_files.read(row.source or row.name, paths, classes)


@dataclass(frozen=True)
class _Listing:
    """One part: its images, the class name of each, and all class names in their order."""

    part: Part | None
    inputs: NDArray[np.uint8] | list[ImageFile]
    names: list[str]
    classes: list[str]


def is_here(row: VisionSet) -> bool:
    """Return whether the files are here, without a look into them."""
    # A download that failed leaves empty folders behind.
    place = data_root() / row.place
    return place.is_file() or (place.is_dir() and any(place.iterdir()))


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
    """Return torchvision's data set from the files that are here, else after a download."""
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
    held = _attribute(dataset, _LABELS)
    if held is None:
        held = [dataset[i][1] for i in range(len(dataset))]
    if isinstance(held, torch.Tensor | np.ndarray):
        # QMNIST and CelebA keep a row for each image, whose first number is the class.
        return [int(label) for label in np.asarray(held).reshape(len(held), -1)[:, 0]]
    labels = [_number(item) for item in held]
    return None if None in labels else [label for label in labels if label is not None]


def _number(item: Any) -> int | None:
    """Return the class number of an entry, which may be a pair of it and a path or an image."""
    candidates = item if isinstance(item, tuple) else (item,)
    return next((int(x) for x in candidates if isinstance(x, int | np.integer)), None)


def _classes(dataset: Any, count: int) -> list[str]:
    """Return class names in order of their numbers, which are the names where there are none."""
    held = _attribute(dataset, _NAMES) or range(count)
    # ImageNet has a tuple of synonyms for each class, and two classes of the same first one.
    names = [str(item[0] if isinstance(item, tuple) else item) for item in held]
    twice = {name for name, times in Counter(names).items() if times > 1}
    return [f"{name} ({i})" if name in twice else name for i, name in enumerate(names)]
