"""Chooses the images of held-out classes, on which retrieval is measured."""

import numpy as np
from numpy.typing import NDArray

from sweeper.data.dataset import TEST, VALIDATION, Dataset
from sweeper.data.stable_random import permutation
from sweeper.errors import SweeperError

_Indices = NDArray[np.int64]

#: The most images of a held-out set: the cost of MAP@R grows with their square.
LARGEST = 2000
#: An image alone of its class has nothing to retrieve.
FEWEST = 2


def hold_out_test(dataset: Dataset, classes: _Indices, side: _Indices, seed: int) -> _Indices:
    """Return the positions of the images that retrieval is tested on, ascending.

    Args:
        dataset: what is split.
        classes: those that nothing is chosen by.
        side: int64 ``[N]``, TRAIN, VALIDATION or TEST for images of all other classes, else -1.
        seed: of the choice among more than 2,000 images.

    Raises:
        SweeperError: fewer than two classes have two images left.
    """
    images = _candidates(dataset, classes, TEST)
    free = np.ones(len(images), bool)
    if (together := _together(dataset)) is not None:
        number, home = _homes(together, side)
        free = np.isin(home[number[images]], (TEST, -1))
    return _kept(dataset, images, free, "test", seed)


def hold_out_fold(dataset: Dataset, classes: _Indices, side: _Indices, seed: int) -> _Indices:
    """Return the positions of the images that a fold chooses by, ascending.

    Args:
        dataset: what is split.
        classes: those of the fold.
        side: as of `hold_out_test`, for images of the fold, too.
        seed: of the choice among more than 2,000 images.

    Raises:
        SweeperError: fewer than two classes have two images left.
    """
    images = _candidates(dataset, classes, VALIDATION)
    free = np.ones(len(images), bool)
    if (together := _together(dataset)) is not None:
        number, home = _homes(together, side)
        trained = (side >= 0) & ~np.isin(dataset.labels.numpy(), classes)
        # A group of the fold alone is on no other side, whatever side it was given.
        own = ~np.isin(np.arange(len(home)), number[trained | (side < 0)])
        free = (own | (home == VALIDATION))[number[images]]
    return _kept(dataset, images, free, "validation", seed)


def _together(dataset: Dataset) -> _Indices | None:
    """Return numbers ``[N]`` that no two sides share: of groups, else of copies."""
    together = dataset.copies if dataset.groups is None else dataset.groups
    return None if together is None else together.numpy()


def _kept(
    dataset: Dataset, images: _Indices, free: NDArray[np.bool_], name: str, seed: int
) -> _Indices:
    """Leave out what stands elsewhere, too, what has nothing to retrieve, and what is too many."""
    labels = dataset.labels.numpy()
    copied = dataset.groups is None and not free.all()
    images = images[free]
    sizes = np.bincount(labels[images], minlength=dataset.num_classes)
    images = images[sizes[labels[images]] >= FEWEST]
    if len(np.unique(labels[images])) < 2:
        others = (
            ", since copies of the others stand in other classes; give each image one label"
            if copied
            else "; add images or groups"
        )
        raise SweeperError(
            f"{dataset.name}: fewer than two classes held out for {name} have two images "
            f"to retrieve{others}, or choose another objective"
        )
    return _thin(images, labels[images], seed)


def _candidates(dataset: Dataset, classes: _Indices, part: int) -> _Indices:
    """Return the classes' images of a part; all of them where that leaves a class too few.

    Of copies in one class the first alone: that a net retrieves a copy says nothing of it.
    """
    labels = dataset.labels.numpy()
    images = np.flatnonzero(np.isin(labels, classes))
    if dataset.copies is not None:
        pairs = np.stack([dataset.copies.numpy()[images], labels[images]])
        images = images[np.sort(np.unique(pairs, axis=1, return_index=True)[1])]
    if dataset.parts is None or not (dataset.parts == TEST).any():
        return images
    given = images[(dataset.parts.numpy()[images] == TEST) == (part == TEST)]
    sizes = np.bincount(labels[given], minlength=dataset.num_classes)
    return given if (sizes[classes] >= FEWEST).all() else images


def _homes(groups: _Indices, side: _Indices) -> tuple[_Indices, _Indices]:
    """Return each image's group counted from 0, ``[N]``, and each group's side, -1 of none."""
    _, number = np.unique(groups, return_inverse=True)
    home = np.full(number.max() + 1, -1)
    home[number[side >= 0]] = side[side >= 0]
    return number, home


def _thin(images: _Indices, labels: _Indices, seed: int) -> _Indices:
    """Keep at most 2,000 images, as many of each class; small classes leave room to the others."""
    if len(images) <= LARGEST:
        return images
    classes, sizes = np.unique(labels, return_counts=True)
    drawn = permutation(len(classes), "held-out classes", seed)[: LARGEST // FEWEST]
    classes, sizes = classes[drawn], np.sort(sizes[drawn])
    room, quota = LARGEST, 0
    for left, size in zip(range(len(sizes), 0, -1), sizes, strict=True):
        quota = room // left
        if size > quota:
            break
        room -= size
    kept = []
    for c in classes:
        mine = images[labels == c]
        kept.append(mine[permutation(len(mine), "held-out images", seed, int(c))[:quota]])
    return np.sort(np.concatenate(kept))
