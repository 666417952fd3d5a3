"""Divides images, or whole groups of them, into shares that are even over the classes."""

import itertools

import numpy as np
from numpy.typing import NDArray

from sweeper.data.stable_random import permutation

_Indices = NDArray[np.int64]


def assign_images(labels: _Indices, shares: tuple[float, ...], seed: int) -> _Indices:
    """Divide each class's images by the shares, at least one image a share.

    Args:
        labels: int64 ``[n]``; a class has no images or at least as many as there are shares.
        shares: they sum to 1; the first gets what rounding leaves over.
        seed: each class is drawn by it alone, so other classes do not change its division.

    Returns:
        int64 ``[n]``: the share of each image.
    """
    side = np.zeros(len(labels), np.int64)
    for c in np.unique(labels):
        images = np.flatnonzero(labels == c)
        images = images[permutation(len(images), "split", seed, int(c))]
        start = 0
        for number, share in enumerate(shares[1:], start=1):
            end = start + max(1, round(share * len(images)))
            side[images[start:end]] = number
            start = end
    return side


def group_counts(groups: _Indices, labels: _Indices) -> tuple[_Indices, _Indices]:
    """Return each image's group counted from 0, ``[n]``, and images ``[groups, classes]``."""
    names, numbers = np.unique(groups, return_inverse=True)
    classes, columns = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), len(classes)), np.int64)
    np.add.at(counts, (numbers, columns), 1)
    return numbers, counts


def assign_groups(counts: _Indices, shares: tuple[float, ...], seed: int) -> _Indices | None:
    """Divide groups by the shares of each class as evenly as a greedy choice can.

    Groups are placed from the largest on, ties in random order, each where it brings the classes
    nearest to their shares (squared deviation relative to a class's size), or among equals where
    the share is filled least. A group leaves the first share only if each of its classes keeps
    another group there.

    Args:
        counts: int64 ``[groups, classes]``, how many images of a class each group has.
        shares: they sum to 1; every class must be in the first, the others must not be empty.
        seed: breaks ties.

    Returns:
        int64 ``[groups]``: the share of each group; None if there is no such division.
    """
    side = _greedy(counts, shares, seed, {})
    if len(np.unique(side)) == len(shares):
        return side
    fixed = _removable(counts, len(shares) - 1)
    return None if fixed is None else _greedy(counts, shares, seed, fixed)


def _removable(counts: _Indices, number: int) -> dict[int, int] | None:
    """Return groups that can leave the first share together, each with another share."""
    present = counts > 0
    groups_of_class = present.sum(axis=0)
    sole = set(np.flatnonzero(present[:, groups_of_class == 1].any(axis=1)).tolist())
    scarce = present[:, groups_of_class <= number]
    smallest_first = np.argsort(counts.sum(axis=1), kind="stable")
    candidates = [g for g in smallest_first.tolist() if g not in sole]
    # With two groups at most one pair a class is refused, so this ends soon.
    for chosen in itertools.combinations(candidates, number):
        rest = scarce.sum(axis=0) - scarce[list(chosen)].sum(axis=0)
        if (rest > 0).all():
            return {group: share for share, group in enumerate(chosen, start=1)}
    return None


def _greedy(
    counts: _Indices, shares: tuple[float, ...], seed: int, fixed: dict[int, int]
) -> _Indices:
    sizes = counts.sum(axis=0)
    target = np.outer(shares, sizes)
    have = np.zeros_like(target)
    # Groups that are in the first share or may yet come there, for each class.
    first = (counts > 0).sum(axis=0)
    side = np.zeros(len(counts), np.int64)
    order = permutation(len(counts), "groups", seed)
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    for group in [*fixed, *(g for g in order if g not in fixed)]:
        classes = np.flatnonzero(counts[group])
        added = counts[group, classes]
        away = have[:, classes] - target[:, classes]
        cost = (((away + added) ** 2 - away**2) / sizes[classes]).sum(axis=1)
        if group in fixed:
            choice = fixed[group]
        elif (first[classes] > 1).all():
            # Else all classes of few groups, whose validation and test cost the same, would end in
            # validation.
            filled = have.sum(axis=1) / shares
            choice = int(np.lexsort((filled, cost))[0])
        else:
            choice = 0
        side[group] = choice
        have[choice, classes] += added
        if choice:
            first[classes] -= 1
    return side
