import math

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from sweeper.repository.meta_features.class_means import class_means
from sweeper.repository.meta_features.separation import fisher_ratio, h_score, separation_features


def fisher(vectors, classes):
    return fisher_ratio(vectors, classes, *class_means(vectors, classes, classes.max() + 1))


@pytest.mark.parametrize("per_class", [2, 5, 50])
def test_the_fisher_ratio_does_not_depend_on_the_images_a_class(per_class):
    rng = np.random.default_rng(0)
    classes = np.arange(3000).repeat(per_class)[:6000]
    centers = rng.normal(size=(3000, 10))
    vectors = centers[classes] + 2.0 * rng.normal(size=(6000, 10))
    assert fisher(vectors, classes) == pytest.approx(1 / 4, rel=0.15)


def test_the_fisher_ratio_of_unequal_classes_by_hand():
    vectors = np.array([[0.0], [2.0], [5.0], [7.0], [9.0]])
    classes = np.array([0, 0, 1, 1, 1])
    # Within 2 + 8 over 5 - 2; between 2 · (1 - 4.6)² + 3 · (7 - 4.6)² over 1; 5 - 13 / 5 a class.
    assert fisher(vectors, classes) == pytest.approx((43.2 - 10 / 3) / 2.4 / (10 / 3))


def test_equal_classes_are_not_separated(blobs):
    vectors, _ = blobs(np.eye(10)[:1], 2000, 1.0)
    features = separation_features(vectors, np.arange(2000) % 20)
    assert features["log_fisher_ratio"] < 0.01
    assert features["h_score"] < 0.02


def test_separated_classes(blobs):
    features = separation_features(*blobs(np.eye(6), 200, 0.01))
    assert features["h_score"] == pytest.approx(1, abs=0.02)
    assert math.log(1000) < features["log_fisher_ratio"] < math.log(1e5)
    assert math.isfinite(separation_features(*blobs(np.eye(6), 3, 0.0))["log_fisher_ratio"])


def test_the_h_score_by_its_definition(blobs):
    vectors, classes = blobs(np.random.default_rng(1).normal(size=(4, 8)), 15, 2.0)
    shrunk, alpha = ledoit_wolf(vectors)
    means = np.array([vectors[classes == c].mean(0) for c in range(4)])
    between = np.cov(means[classes], rowvar=False, bias=True)
    expected = np.trace(np.linalg.inv(shrunk) @ ((1 - alpha) * between)) / 3
    assert h_score(vectors, classes, means) == pytest.approx(expected)


def test_one_image_a_class_is_not_separation():
    assert separation_features(np.eye(4), np.arange(4)) == {"log_fisher_ratio": 0, "h_score": 0}
