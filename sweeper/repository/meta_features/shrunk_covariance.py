"""The covariance of vectors, shrunk after Ledoit and Wolf 2004.

As scikit-learn's `LedoitWolf`, which takes longer to import than all meta-features to compute;
`tests/repository/meta_features/test_shrunk_covariance.py` compares the two.
"""

from typing import NamedTuple

import numpy as np

from sweeper.repository.meta_features.thumbnails import Vectors


class ShrunkCovariance(NamedTuple):
    """A covariance, and its share of a multiple of the identity.

    Attributes:
        covariance: ``(1 - α) S + α tr(S) / k · I``, ``[k, k]``.
        shrinkage: α, from 0 to 1.
    """

    covariance: Vectors
    shrinkage: float


def shrunk_covariance(centered: Vectors) -> ShrunkCovariance:
    """Return the shrunk covariance of vectors ``[n, k]`` about the origin.

    α is the mean squared error of S over its squared distance to the multiple of the identity
    (Ledoit and Wolf 2004, section 3.3).

    Args:
        centered: ``[n, k]``, with mean 0 or whatever else they deviate from left out.
    """
    n, k = centered.shape
    sample = centered.T @ centered / n
    if k == 1:
        return ShrunkCovariance(sample, 0.0)
    mean = float(np.trace(sample)) / k
    squares = centered**2
    error = (float((squares.T @ squares).sum()) / n - float((sample**2).sum())) / n
    distance = float((sample**2).sum()) - k * mean**2
    shrinkage = min(max(error, 0.0), distance) / distance if distance > 0 else 0.0
    covariance = (1.0 - shrinkage) * sample
    covariance.flat[:: k + 1] += shrinkage * mean
    return ShrunkCovariance(covariance, shrinkage)
