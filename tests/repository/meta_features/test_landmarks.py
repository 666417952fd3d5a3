import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier

from sweeper.repository.meta_features.landmarks import (
    landmark_features,
    lda_scores,
    nearest_mean_scores,
)


@pytest.fixture
def halves(blobs):
    """Overlapping classes of different sizes: vectors and classes to learn from, and others."""

    def draw(seed):
        vectors, classes = blobs(np.eye(12)[:4], 300, 2.0, seed)
        kept = np.arange(1200) % 300 < np.array([300, 200, 100, 50])[classes]
        return vectors[kept], classes[kept]

    return *draw(0), *draw(1)


def test_lda_is_sklearns(halves):
    vectors, classes, others, labels = halves
    sklearns = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(vectors, classes)
    found = lda_scores(vectors, classes, 4, others).argmax(1)
    assert 0.5 < np.mean(found == labels) < 0.95
    assert np.mean(found == sklearns.predict(others)) > 0.98  # it shrinks each class alone


def test_lda_by_its_definition(halves):
    vectors, classes, others, _ = halves
    means = np.array([vectors[classes == c].mean(0) for c in range(4)])
    within = LedoitWolf(assume_centered=True).fit(vectors - means[classes]).covariance_
    sizes = np.bincount(classes)
    # The log densities of the classes, up to what all of them share.
    inverse = np.linalg.inv(within)
    expected = np.array(
        [
            [
                -0.5 * (x - m) @ inverse @ (x - m) + np.log(n)
                for m, n in zip(means, sizes, strict=True)
            ]
            for x in others[:20]
        ]
    )
    found = lda_scores(vectors, classes, 4, others[:20])
    np.testing.assert_allclose(
        found - found[:, :1], expected - expected[:, :1], rtol=1e-3, atol=1e-3
    )


def test_the_nearest_mean_is_sklearns(halves):
    vectors, classes, others, _ = halves
    means = np.array([vectors[classes == c].mean(0) for c in range(4)])
    directions = means / np.linalg.norm(means, axis=1, keepdims=True)
    sklearns = KNeighborsClassifier(1).fit(directions, np.arange(4))
    found = nearest_mean_scores(vectors, classes, 4, others).argmax(1)
    assert np.array_equal(found, sklearns.predict(others))


def test_lda_sees_what_the_nearest_mean_misses():
    rng = np.random.default_rng(0)
    classes = np.arange(2).repeat(500)
    offset = np.array([-0.1, 0.1])[classes]
    shared = rng.normal(size=1000)  # much larger than the offset, along (1, 1)
    points = np.column_stack((shared + offset, shared - offset, np.full(1000, 3.0)))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    features = landmark_features(points, classes)
    assert features["accuracy_lda"] > 0.99
    assert features["accuracy_nearest_mean"] < 0.8


def test_separated_classes_and_equal_ones(blobs):
    vectors, classes = blobs(np.eye(6), 20, 0.1)
    assert set(landmark_features(vectors, classes).values()) == {1.0}
    vectors, _ = blobs(np.eye(6)[:1], 2000, 2.0)
    features = landmark_features(vectors, np.arange(4).repeat(500))
    assert features["skill_nearest_mean"] == pytest.approx(0, abs=0.05)
    assert features["skill_lda"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_two_images_a_class_are_enough(blobs, noise):
    assert set(landmark_features(*blobs(np.eye(6), 2, noise)).values()) == {1.0}


def test_who_is_alone_in_a_class_is_not_asked(blobs):
    vectors, classes = blobs(np.eye(6)[:2], 10, 0.1)
    more = landmark_features(np.vstack((vectors, np.eye(6)[5:])), np.append(classes, 2))
    assert more["accuracy_nearest_mean"] == more["accuracy_lda"] == 1


def test_one_image_a_class_is_at_chance():
    features = landmark_features(np.eye(4), np.arange(4))
    assert features["accuracy_nearest_mean"] == features["accuracy_lda"] == 0.25
    assert features["skill_nearest_mean"] == features["skill_lda"] == 0
