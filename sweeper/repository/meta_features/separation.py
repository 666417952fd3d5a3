"""How much of the variance of images lies between their classes."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import pinvh

from sweeper.repository.meta_features.class_means import class_means
from sweeper.repository.meta_features.shrunk_covariance import shrunk_covariance
from sweeper.repository.meta_features.thumbnails import Vectors

#: The least variance within classes that counts; vectors have length 1.
_LEAST_VARIANCE = 1e-4


def separation_features(vectors: Vectors, classes: NDArray[np.int64]) -> dict[str, float]:
    """Return the logarithm of one plus the Fisher ratio, and the H-score.

    Both are 0 where no class has two images: nothing is then known of the variance within.

    Args:
        vectors: ``[n, k]``, of length 1.
        classes: ``[n]``, from 0 to C - 1, each with a vector; C at least 2.
    """
    means, counts = class_means(vectors, classes, int(classes.max()) + 1)
    if counts.max() < 2:
        return {"log_fisher_ratio": 0.0, "h_score": 0.0}
    return {
        "log_fisher_ratio": math.log1p(fisher_ratio(vectors, classes, means, counts)),
        "h_score": h_score(vectors, classes, means),
    }


def fisher_ratio(
    vectors: Vectors, classes: NDArray[np.int64], means: Vectors, counts: NDArray[np.int64]
) -> float:
    """Return the variance between classes over that within, each the trace of its matrix.

    Fisher 1936, in several dimensions Fukunaga 1990, section 10.2. The variance between classes
    is the component of the analysis of variance (Searle et al. 1992, section 3.6), not the
    variance of the measured means, which would grow as classes have fewer images; 0 where the
    means differ by less than chance.
    """
    n, num_classes = len(classes), len(counts)
    within = ((vectors - means[classes]) ** 2).sum() / (n - num_classes)
    between = (counts @ ((means - vectors.mean(0)) ** 2).sum(1)) / (num_classes - 1)
    effective_count = (n - (counts**2).sum() / n) / (num_classes - 1)
    component = max(0.0, between - within) / effective_count
    return float(component / max(within, _LEAST_VARIANCE))


def h_score(vectors: Vectors, classes: NDArray[np.int64], means: Vectors) -> float:
    """Return the shrunk H-score over its largest value, from 0 to 1.

    tr(Σ_α⁻¹ (1 - α) Σ_z) / min(k, C - 1), with Σ_z the covariance of the class means over the
    images and Σ_α that of the images, shrunk by Ledoit and Wolf's α (Ibrahim et al. 2022;
    Bao et al. 2019 without shrinkage).
    """
    shrunk = shrunk_covariance(vectors - vectors.mean(0))
    centered = means[classes] - vectors.mean(0)
    between = centered.T @ centered / len(classes)
    score = float((1.0 - shrunk.shrinkage) * np.trace(pinvh(shrunk.covariance) @ between))
    return score / float(min(vectors.shape[1], len(means) - 1))
