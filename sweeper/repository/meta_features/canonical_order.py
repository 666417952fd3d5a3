"""An order, and a sample, of labeled images that depend on their content alone."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

#: At most so many images are measured.
LARGEST_SAMPLE = 5000

#: Every class in a sample has so many images, or all that it has.
LEAST_OF_A_CLASS = 5

#: Inputs converted at once, which bounds the memory.
_CHUNK = 4096


def canonical_sample(
    inputs: Tensor, labels: NDArray[np.int64], seed: int = 0, largest: int = LARGEST_SAMPLE
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which inputs to measure, and their classes numbered anew, both in canonical order.

    Inputs stand by class, classes and the inputs of a class by their digests: whatever order and
    whatever class numbers the same data comes with, the same arrays come out. That makes all that
    follows (folds, ties, rounding) invariant to both, not only the formulas.

    A sample, where one is needed, takes the first of that order, which is as good as random since
    digests are: `LEAST_OF_A_CLASS` images of each class and the rest in proportion to the classes;
    where even the least of every class are too many, whole classes are left out.

    Args:
        inputs: ``[N, ...]``, on the CPU; float inputs are told apart by their values in float64.
        labels: ``[N]``, any integers.
        seed: chooses another order, and so another sample.
        largest: the number of inputs to return at most, not below `LEAST_OF_A_CLASS`.

    Returns:
        Positions ``[n]`` in the inputs, and classes ``[n]`` from 0, ascending.
    """
    digests = _digests(inputs, seed)
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    by_class = np.lexsort((digests, classes))
    parts = np.split(digests[by_class], np.cumsum(counts)[:-1])
    class_order = np.argsort([_digest(part.tobytes(), seed) for part in parts], kind="stable")
    number = np.empty_like(class_order)
    number[class_order] = np.arange(len(counts))
    order = np.lexsort((digests, number[classes]))
    ordered = number[classes][order]
    chosen = rank_in_class(ordered) < _quotas(counts[class_order], largest)[ordered]
    return order[chosen], ordered[chosen]


def rank_in_class(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each element among those of its class, from 0; classes ascend."""
    return np.arange(len(classes)) - np.searchsorted(classes, classes)


def _quotas(counts: NDArray[np.int64], largest: int) -> NDArray[np.int64]:
    """Return how many of each class to take, ``largest`` together at most."""
    if counts.sum() <= largest:
        return counts
    least = np.minimum(counts, LEAST_OF_A_CLASS)
    kept = np.where(np.cumsum(least) <= largest, counts, 0)
    least = np.minimum(kept, LEAST_OF_A_CLASS)
    spare = (largest - least.sum()) / kept.sum()
    quotas: NDArray[np.int64] = np.minimum(kept, least + (spare * kept).astype(np.int64))
    return quotas


def _digests(inputs: Tensor, seed: int) -> NDArray[np.uint64]:
    """Return 64 bits ``[N]`` that stand for the content of each input."""
    digests = []
    for chunk in inputs.flatten(1).split(_CHUNK):
        values = chunk.double() + 0.0 if chunk.is_floating_point() else chunk  # -0.0 becomes 0.0
        digests += [_digest(row.tobytes(), seed) for row in values.numpy()]
    return np.array(digests, dtype=np.uint64)


def _digest(content: bytes, seed: int) -> int:
    salt = seed.to_bytes(8, "little", signed=True)
    return int.from_bytes(hashlib.blake2b(content, digest_size=8, salt=salt).digest(), "little")
