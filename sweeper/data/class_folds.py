"""Chooses the classes that retrieval is tested on, and those that each seed chooses by."""

import numpy as np
from numpy.typing import NDArray

from sweeper.data.stable_random import permutation

_Indices = NDArray[np.int64]

#: As in A Metric Learning Reality Check (Musgrave et al. 2020, section 3.2).
FOLDS = 4
#: Between fewer classes nothing can be confused: of the test, of a fold, and of what trains.
_FEWEST = 2
#: Fewer classes cannot be cut into three sets of two.
FEWEST_CLASSES = 3 * _FEWEST


def test_classes(number: int, seed: int) -> _Indices:
    """Return the classes that nothing chooses on: a fifth of them, two at least; ascending.

    Args:
        number: of all classes, `FEWEST_CLASSES` at least.
        seed: of the draw.
    """
    return np.sort(permutation(number, "test classes", seed)[: max(_FEWEST, round(number / 5))])


def class_folds(classes: _Indices, sizes: _Indices, seed: int) -> list[_Indices]:
    """Return four folds of one size, each a quarter of the classes (rounded up), two at least.

    Together they are all of the classes. Where a quarter is no whole number a few classes are in
    two folds, since nets of as many classes train as one array. Classes of like size are in
    different folds, so that as many images are left to train on without any of them.

    Args:
        classes: ``[n]``, those that are not tested on, four at least.
        sizes: ``[n]``, the images of each.
        seed: of the draw.

    Returns:
        int64 ``[k]`` each, ascending.
    """
    number = len(classes)
    starts = [fold * number // FOLDS for fold in range(FOLDS)]
    # Along a circle, whose arcs are the folds: the first places of all arcs get the largest.
    arc = np.searchsorted(starts, np.arange(number), side="right") - 1
    places = np.lexsort((arc, np.arange(number) - np.array(starts)[arc]))
    shuffled = permutation(number, "class folds", seed)
    circle = np.empty(number, np.int64)
    circle[places] = classes[shuffled[np.argsort(-sizes[shuffled], kind="stable")]]
    length = max(_FEWEST, -(-number // FOLDS))
    return [np.sort(np.take(circle, range(s, s + length), mode="wrap")) for s in starts]
