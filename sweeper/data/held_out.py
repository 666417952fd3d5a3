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


def hold_out_images(
    dataset: Dataset, classes: list[_Indices], side: _Indices, seed: int
) -> tuple[_Indices, _Indices]:
    """Return the positions of the held-out validation and test images, ascending.

    Args:
        dataset: what is split.
        classes: the classes held out for validation, and those for test.
        side: int64 ``[N]``, TRAIN, VALIDATION or TEST for images of trained classes, else -1.
        seed: of the choice among more than 2,000 images.

    Raises:
        SweeperError: fewer than two classes have two images left.
    """
    chosen = [
        _candidates(dataset, held, part)
        for held, part in zip(classes, (VALIDATION, TEST), strict=True)
    ]
    if dataset.groups is not None:
        chosen = _respect_groups(dataset.groups.numpy(), chosen, side)
    labels = dataset.labels.numpy()
    kept = []
    for images, name in zip(chosen, ("validation", "test"), strict=True):
        sizes = np.bincount(labels[images], minlength=dataset.num_classes)
        images = images[sizes[labels[images]] >= FEWEST]
        if len(np.unique(labels[images])) < 2:
            raise SweeperError(
                f"{dataset.name}: fewer than two classes held out for {name} have two images "
                "to retrieve; add images or groups, or choose another objective"
            )
        kept.append(_thin(images, labels[images], seed))
    return kept[0], kept[1]


def _candidates(dataset: Dataset, classes: _Indices, part: int) -> _Indices:
    """Return the classes' images of a part; all of them where that leaves a class too few."""
    labels = dataset.labels.numpy()
    images = np.flatnonzero(np.isin(labels, classes))
    if dataset.parts is None or not (dataset.parts == TEST).any():
        return images
    given = images[(dataset.parts.numpy()[images] == TEST) == (part == TEST)]
    sizes = np.bincount(labels[given], minlength=dataset.num_classes)
    return given if (sizes[classes] >= FEWEST).all() else images


def _respect_groups(groups: _Indices, chosen: list[_Indices], side: _Indices) -> list[_Indices]:
    """Leave out images whose group stands on another side than theirs.

    A group of held-out classes alone goes where it has more images; validation if it is a draw.
    """
    _, number = np.unique(groups, return_inverse=True)
    home = np.full(number.max() + 1, -1)
    assigned = side >= 0
    home[number[assigned]] = side[assigned]
    votes = [np.bincount(number[images], minlength=len(home)) for images in chosen]
    home = np.where(home >= 0, home, np.where(votes[1] > votes[0], TEST, VALIDATION))
    return [
        images[home[number[images]] == part]
        for images, part in zip(chosen, (VALIDATION, TEST), strict=True)
    ]


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
