"""Sums over the vectors of each class."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sweeper.repository.meta_features.thumbnails import Vectors


def class_sums(
    vectors: Vectors, classes: NDArray[np.int64], num_classes: int
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return the sum ``[C, k]`` and the number ``[C]`` of the vectors of each class.

    Args:
        vectors: ``[n, k]``.
        classes: ``[n]``, from 0 to C - 1.
        num_classes: C; a class may have no vector.
    """
    n = len(classes)
    member = csr_array((np.ones(n), (classes, np.arange(n))), shape=(num_classes, n))
    return member @ vectors, np.bincount(classes, minlength=num_classes)


def class_means(
    vectors: Vectors, classes: NDArray[np.int64], num_classes: int
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return the mean ``[C, k]``, zero for a class without any, and the number ``[C]``."""
    sums, counts = class_sums(vectors, classes, num_classes)
    return sums / np.maximum(counts, 1)[:, None], counts
