"""Landmarks: how well two linear classifiers do that take no time to train.

Landmarking is from Pfahringer et al. 2000.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from sweeper.repository.meta_features.canonical_order import rank_in_class
from sweeper.repository.meta_features.class_means import class_means
from sweeper.repository.meta_features.shrunk_covariance import shrunk_covariance
from sweeper.repository.meta_features.skill import accuracy_features
from sweeper.repository.meta_features.thumbnails import NO_LENGTH, Vectors, at_unit_length

#: Folds of the cross-validation; fewer where no class has so many images.
FOLDS = 5

#: Added to the covariance within classes, where it may have no inverse; vectors have length 1.
_RIDGE = 1e-6

Classifier = Callable[[Vectors, NDArray[np.int64], int, Vectors], Vectors]


def landmark_features(vectors: Vectors, classes: NDArray[np.int64]) -> dict[str, float]:
    """Return the cross-validated accuracies of the nearest mean and of LDA.

    Images that are alone in their class are trained on but not tested.

    Args:
        vectors: ``[n, k]``, of length 1.
        classes: ``[n]``, ascending from 0 to C - 1, each with a vector; C at least 2.
    """
    landmarks = {"nearest_mean": nearest_mean_scores, "lda": lda_scores}
    right = {name: _cross_validated(scores, vectors, classes) for name, scores in landmarks.items()}
    return accuracy_features(right, classes)


def nearest_mean_scores(
    vectors: Vectors, classes: NDArray[np.int64], num_classes: int, tested: Vectors
) -> Vectors:
    """Return the cosine ``[t, C]`` of tested vectors with the class means of others."""
    means, _ = class_means(vectors, classes, num_classes)
    cosines: Vectors = tested @ at_unit_length(means).T
    return cosines


def lda_scores(
    vectors: Vectors, classes: NDArray[np.int64], num_classes: int, tested: Vectors
) -> Vectors:
    """Return the linear discriminants ``[t, C]`` of tested vectors, learned from others.

    x Σ⁻¹ μ_c - μ_c Σ⁻¹ μ_c / 2 + ln n_c (Fisher 1936; Hastie et al. 2009, equation 4.10), with Σ
    the covariance within classes, shrunk after Ledoit and Wolf 2004.
    """
    means, counts = class_means(vectors, classes, num_classes)
    residuals = vectors - means[classes]
    covariance = _RIDGE * np.eye(vectors.shape[1])
    if np.abs(residuals).max() > NO_LENGTH:
        covariance += shrunk_covariance(residuals).covariance
    weights = solve(covariance, means.T, assume_a="pos")
    offsets = np.log(np.maximum(counts, 1)) - 0.5 * (means * weights.T).sum(1)
    scores: Vectors = tested @ weights + offsets
    return scores


def _cross_validated(
    classifier: Classifier, vectors: Vectors, classes: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether the class was found of each image that is not alone in its class."""
    counts = np.bincount(classes)
    folds = rank_in_class(classes) % min(FOLDS, counts.max())
    several = counts[classes] > 1
    right: NDArray[np.bool_] = np.zeros(len(classes), dtype=bool)
    for fold in np.unique(folds[several]):
        tested, trained = several & (folds == fold), folds != fold
        scores = classifier(vectors[trained], classes[trained], len(counts), vectors[tested])
        scores[:, np.bincount(classes[trained], minlength=len(counts)) == 0] = -np.inf
        right[tested] = scores.argmax(1) == classes[tested]
    return right[several]
