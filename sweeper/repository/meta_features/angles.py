"""Angles between class means, and how far the images of a class spread around theirs."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from sweeper.repository.meta_features.class_means import class_sums
from sweeper.repository.meta_features.thumbnails import Vectors, directions

#: Added to both angles of a ratio, in radians, so that points without spread have one.
_BLUR = 0.01


def angle_features(vectors: Vectors, classes: NDArray[np.int64]) -> dict[str, float]:
    """Return angles between and within classes, in radians, and the logarithm of their ratio.

    The spread is arccos √(mean cosine between two images of a class): for a class around a mean
    direction, the arccosine of its mean resultant length (Mardia and Jupp 2000, section 9.2),
    estimated from pairs since that does not shrink with few images. Classes of one image tell
    nothing of it; where there are no others, the images of a class count as having nothing in
    common, π/2.

    Args:
        vectors: ``[n, k]``, of length 1.
        classes: ``[n]``, from 0 to C - 1, each with a vector; C at least 2.
    """
    sums, counts = class_sums(vectors, classes, int(classes.max()) + 1)
    between = angles_between(directions(sums))
    several = counts > 1
    resultants = (sums**2).sum(1)[several]
    pairs = counts[several] * (counts[several] - 1)
    cosine = float(np.mean((resultants - counts[several]) / pairs)) if several.any() else 0.0
    spread = math.acos(math.sqrt(min(1.0, max(0.0, cosine))))
    mean = float(between.mean())
    return {
        "angle_smallest": float(between.min()),
        "angle_low": float(np.quantile(between, 0.05)),
        "angle_mean": mean,
        "angle_spread": spread,
        "log_angle_ratio": math.log((mean + _BLUR) / (spread + _BLUR)),
    }


def angles_between(unit: Vectors) -> Vectors:
    """Return the angle of every pair of rows of length 1, ``[C (C - 1) / 2]``, in radians."""
    # From the chord: the arccosine of a product loses small angles to rounding.
    angles: Vectors = 2.0 * np.arcsin(np.minimum(1.0, pdist(unit) / 2.0))
    return angles
