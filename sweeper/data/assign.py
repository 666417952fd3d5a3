"""Stratified division of images, or of whole groups, into shares."""

import itertools

import numpy as np
from numpy.typing import NDArray

from sweeper.data.stable_random import permutation

_Indices = NDArray[np.int64]


def assign_images(labels: _Indices, shares: tuple[float, ...], seed: int) -> _Indices:
    """Divide each class's images by the shares, with at least one image per share.

    Args:
        labels: int64 ``[n]``; a class has no images or at least as many as there are shares.
        shares: fractions that sum to 1; the first gets the rounding remainder.
        seed: classes are drawn independently, so other classes do not affect a class's division.

    Returns:
        int64 ``[n]``, the index of each image's share.
    """
    assigned = np.zeros(len(labels), np.int64)
    for c in np.unique(labels):
        images = np.flatnonzero(labels == c)
        images = images[permutation(len(images), "split", seed, int(c))]
        start = 0
        for number, share in enumerate(shares[1:], start=1):
            end = start + max(1, round(share * len(images)))
            assigned[images[start:end]] = number
            start = end
    return assigned


def group_counts(groups: _Indices, labels: _Indices) -> tuple[_Indices, _Indices]:
    """Return each image's group index ``[n]`` and image counts ``[groups, classes]``."""
    names, numbers = np.unique(groups, return_inverse=True)
    classes, columns = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), len(classes)), np.int64)
    np.add.at(counts, (numbers, columns), 1)
    return numbers, counts


def assign_groups(counts: _Indices, shares: tuple[float, ...], seed: int) -> _Indices | None:
    """Divide groups greedily, so that the shares of each class are as even as possible.

    Groups are placed in descending size, ties in random order, each where it brings its classes
    closest to their shares (squared deviation relative to class size), or among equals into the
    least filled share. A group is placed outside the first share only if each of its classes keeps
    another group there.

    Args:
        counts: int64 ``[groups, classes]``, the number of images of each class in each group.
        shares: fractions that sum to 1; the first must contain every class, none may be empty.
        seed: breaks ties.

    Returns:
        int64 ``[groups]``, the index of each group's share, or None if no such division exists.
    """
    assigned = _greedy(counts, shares, seed, {})
    if len(np.unique(assigned)) == len(shares):
        return assigned
    fixed = _removable(counts, len(shares) - 1)
    return None if fixed is None else _greedy(counts, shares, seed, fixed)


def _removable(counts: _Indices, number: int) -> dict[int, int] | None:
    """Return groups that can leave the first share together, mapped to the other shares."""
    present = counts > 0
    groups_of_class = present.sum(axis=0)
    sole = set(np.flatnonzero(present[:, groups_of_class == 1].any(axis=1)).tolist())
    scarce = present[:, groups_of_class <= number]
    smallest_first = np.argsort(counts.sum(axis=1), kind="stable")
    candidates = [g for g in smallest_first.tolist() if g not in sole]
    # For two groups, each class rules out at most one pair, so this ends soon.
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
    filled = np.zeros_like(target)
    # For each class, the number of groups that are or may still be placed in the first share.
    first = (counts > 0).sum(axis=0)
    assigned = np.zeros(len(counts), np.int64)
    order = permutation(len(counts), "groups", seed)
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    for group in [*fixed, *(g for g in order if g not in fixed)]:
        classes = np.flatnonzero(counts[group])
        added = counts[group, classes]
        deviation = filled[:, classes] - target[:, classes]
        cost = (((deviation + added) ** 2 - deviation**2) / sizes[classes]).sum(axis=1)
        if group in fixed:
            choice = fixed[group]
        elif (first[classes] > 1).all():
            # Without the fill ratio, classes with few groups, for which validation and test cost
            # the same, would all end up in validation.
            fill_ratio = filled.sum(axis=1) / shares
            choice = int(np.lexsort((fill_ratio, cost))[0])
        else:
            choice = 0
        assigned[group] = choice
        filled[choice, classes] += added
        if choice:
            first[classes] -= 1
    return assigned
