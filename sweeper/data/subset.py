"""Applying a subset to a loaded data set."""

import re
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.class_names import require_two_classes
from sweeper.data.dataset import TEST, VALIDATION, Dataset
from sweeper.data.grammar import Subset, format_classes, format_spec
from sweeper.data.images.files import read_images
from sweeper.data.images.pixels import ImageSize
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.stable_random import permutation
from sweeper.errors import SweeperError, UsageError, unknown

_Indices = NDArray[np.int64]


def apply(
    raw: RawDataset,
    name: str,
    subset: Subset,
    sized: bool = False,
    usual: ImageSize | None = None,
) -> Dataset:
    """Choose classes, then images by ``imbalance`` and ``per_class``, and read the chosen ones.

    A predefined test part is kept whole, since a smaller one would only measure less precisely.
    Predefined training and validation parts are reduced in proportion. Label noise is recorded in
    the data set and applied by ``split``, since validation and test keep their true labels.

    With an imbalance r and C classes, class c gets r^(-c / (C - 1)) times the images of class 0,
    the exponential profile of long-tailed CIFAR (Cui et al. 2019). Class 0 gets ``per_class``
    images, or as many as all classes allow.

    Args:
        raw: the loaded data set.
        name: the data set's canonical name without brackets.
        subset: the requested subset.
        sized: whether the loader already rendered the images in the requested size.
        usual: the size of image files where the subset asks for none.

    Raises:
        UsageError: a class does not exist, fewer than two classes or more images than available are
            requested, or a key does not apply to this data set.
        SweeperError: an image file cannot be read, or a class is left without images.
    """
    in_memory = isinstance(raw.inputs, Tensor)
    resize = subset.size is not None and not sized
    if in_memory and (resize or subset.skip_broken):
        key = "size" if resize else "broken"
        raise UsageError(f"{key} is for data sets of image files, which {name!r} is not")
    classes = _choose_classes(raw.class_names, subset.classes)
    if len(classes) < 2:
        raise UsageError(
            f"classes={format_classes(subset.classes)} leaves one class; choose two or more"
        )
    keep = torch.from_numpy(_choose_images(raw, classes, subset))
    notes: tuple[str, ...] = ()
    transform = None
    if isinstance(raw.inputs, Tensor):
        inputs = raw.inputs if len(keep) == len(raw.labels) else raw.inputs[keep]
    else:
        files = [raw.inputs[i] for i in keep.tolist()]
        inputs, readable, notes, transform = read_images(
            files, ImageSize(subset.size) if subset.size else usual, subset.skip_broken
        )
        keep = keep[readable]
    position = torch.full((len(raw.class_names),), -1, dtype=torch.int64)
    position[torch.tensor(classes)] = torch.arange(len(classes))
    dataset = Dataset(
        name=format_spec(name, subset),
        source=raw.source,
        inputs=inputs,
        labels=position[raw.labels[keep]],
        class_names=tuple(raw.class_names[c] for c in classes),
        groups=None if raw.groups is None else raw.groups[keep],
        group_names=raw.group_names,
        made_from=raw.made_from,
        remark=raw.remark,
        notes=(*raw.notes, *notes),
        transform=transform,
        parts=None if raw.parts is None else raw.parts[keep],
        sample_names=None if raw.sample_names is None else raw.sample_names[keep.numpy()],
        label_noise=subset.noise,
        seed=subset.seed,
    )
    sizes = dataset.labels.bincount(minlength=len(classes))
    if (sizes == 0).any():
        empty = dataset.class_names[int(sizes.argmin())]
        raise SweeperError(f"{dataset.name}: class {empty!r} is left without images")
    return dataset


def _choose_classes(names: tuple[str, ...], requested: Iterable[int | str]) -> list[int]:
    """Return the positions of the requested classes, or of all if none are requested.

    A number that is not the name of a class is compared with the class names as numbers if all
    names are numbers, as in digits; otherwise it is a position from 0.
    """
    require_two_classes(names, "the data set")
    by_name = {name: i for i, name in enumerate(names)}
    by_number = {int(name): i for name, i in by_name.items() if _is_number(name)}
    if len(by_number) < len(names):
        by_number = dict(enumerate(range(len(names))))
    chosen = set()
    for item in requested:
        if (text := str(item)) in by_name:
            chosen.add(by_name[text])
        elif not _is_number(text):
            raise unknown("class", text, names)
        elif int(item) in by_number:
            chosen.add(by_number[int(item)])
        else:
            numbers = format_classes(sorted(by_number))
            named = str(min(by_number)) in by_name
            where = "" if named else f" by position, {names[0]!r} to {names[-1]!r} by name"
            raise UsageError(f"there is no class {item}; the classes are {numbers}{where}")
    return sorted(chosen) if chosen else list(range(len(names)))


def _is_number(text: str) -> bool:
    # Python refuses to parse thousands of digits.
    return re.fullmatch(r"[0-9]{1,1000}", text) is not None


def _choose_images(raw: RawDataset, classes: list[int], subset: Subset) -> _Indices:
    """Return the positions of the chosen images, ascending."""
    labels = raw.labels.numpy()
    parts = np.zeros_like(labels) if raw.parts is None else raw.parts.numpy()
    free = {c: np.flatnonzero((labels == c) & (parts != TEST)) for c in classes}
    wanted = _sizes([len(free[c]) for c in classes], subset)
    kept = [np.flatnonzero(np.isin(labels, classes) & (parts == TEST))]
    for c, count in zip(classes, wanted, strict=True):
        if count > len(free[c]):
            problem = (
                f"class {raw.class_names[c]!r} has {len(free[c])} images outside the test part"
            )
            remedy = "lower per_class or " if len(free[c]) and subset.per_class else ""
            raise UsageError(
                f"{problem}, fewer than the {count} requested; {remedy}leave the class out with "
                "classes="
            )
        kept.extend(_thin(free[c], parts[free[c]], count, subset.seed, c))
    return np.sort(np.concatenate(kept))


def _sizes(available: list[int], subset: Subset) -> list[int]:
    """Return the number of images that each class gets."""
    if subset.per_class is None and subset.imbalance == 1:
        return available
    steps = np.linspace(0, 1, len(available))
    profile = subset.imbalance**-steps
    largest = subset.per_class or int((np.array(available) / profile + 1e-9).min())
    return [max(1, round(largest * share)) for share in profile]


def _thin(
    images: _Indices, parts: NDArray[np.integer], count: int, seed: int, c: int
) -> list[_Indices]:
    """Choose ``count`` images of a class, in proportion from its training and validation parts.

    With two or more images each part keeps at least one. A smaller count chooses a subset of a
    larger count's choice.
    """
    order = permutation(len(images), "subset", seed, c)
    images, parts = images[order], parts[order]
    train, validation = images[parts != VALIDATION], images[parts == VALIDATION]
    share = round(count * len(validation) / max(1, len(images)))
    if len(validation) and count > 1:
        share = max(1, share)
    if len(train):
        share = min(share, count - 1)
    share = max(share, count - len(train))
    return [train[: count - share], validation[:share]]
