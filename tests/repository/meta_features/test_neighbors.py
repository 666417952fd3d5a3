import math

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from sweeper.repository.meta_features.neighbors import find_neighbors, neighbor_features, vote


def test_leave_one_out_accuracies_are_sklearns(blobs):
    vectors, classes = blobs(np.eye(8)[:2], 100, 2.0)  # two classes have no ties among five
    features = neighbor_features(vectors, classes)
    for k in (1, 5):
        scores = cross_val_score(KNeighborsClassifier(k), vectors, classes, cv=LeaveOneOut())
        assert 0.6 < scores.mean() < 0.95
        assert features[f"accuracy_{k}nn"] == pytest.approx(scores.mean())
        assert features[f"skill_{k}nn"] == pytest.approx(2 * scores.mean() - 1)


def test_neighbors_by_plain_comparison(blobs):
    vectors, classes = blobs(np.eye(5)[:3], 250, 2.0)  # more than one chunk
    near = find_neighbors(vectors, classes)
    distances, indices = NearestNeighbors(n_neighbors=20).fit(vectors).kneighbors()
    np.testing.assert_allclose(near.distances, distances, atol=1e-7)
    assert np.array_equal(near.indices, indices)
    for i in (0, 499, 500, 749):
        away = np.linalg.norm(vectors - vectors[i], axis=1)
        same, other = (
            np.delete(away, i)[np.delete(classes, i) == classes[i]],
            away[classes != classes[i]],
        )
        assert near.same_class[i] == pytest.approx(same.min())
        assert near.other_class[i] == pytest.approx(other.min())


def test_equal_classes_are_at_chance(blobs):
    vectors, _ = blobs(np.eye(6)[:1], 2000, 2.0)
    features = neighbor_features(vectors, np.arange(2000) % 2)
    assert features["skill_1nn"] == pytest.approx(0, abs=0.05)
    assert features["skill_5nn"] == pytest.approx(0, abs=0.05)
    assert features["overlap"] == pytest.approx(0, abs=0.03)


def test_separated_classes(blobs):
    features = neighbor_features(*blobs(np.eye(6), 20, 0.1))
    assert features["skill_1nn"] == features["skill_5nn"] == 1
    assert features["overlap"] < -2


def test_overlap_by_hand():
    angles = np.array([0.0, 0.2, 1.0, 1.4])
    vectors = np.column_stack((np.cos(angles), np.sin(angles)))
    chords = {gap: 2 * math.sin(gap / 2) for gap in (0.2, 0.4, 0.8, 1.0, 1.2)}
    expected = np.log(
        [
            chords[0.2] / chords[1.0],
            chords[0.2] / chords[0.8],
            chords[0.4] / chords[0.8],
            chords[0.4] / chords[1.2],
        ]
    ).mean()
    result = neighbor_features(vectors, np.array([0, 0, 1, 1]))["overlap"]
    assert result == pytest.approx(expected)


def test_duplicates_in_two_classes_are_finite(blobs):
    vectors, _ = blobs(np.eye(6)[:1], 20, 1.0)
    features = neighbor_features(np.vstack((vectors, vectors)), np.arange(2).repeat(20))
    assert features["accuracy_1nn"] == 0
    assert 5 < features["overlap"] < math.log(2 / 1e-3)


def test_who_is_alone_in_a_class_is_not_asked(blobs):
    vectors, classes = blobs(np.eye(6)[:2], 10, 0.1)
    more = neighbor_features(np.vstack((vectors, np.eye(6)[5:])), np.append(classes, 2))
    assert more["accuracy_1nn"] == 1


def test_one_image_a_class_is_at_chance():
    features = neighbor_features(np.eye(4), np.arange(4))
    assert features["accuracy_1nn"] == features["accuracy_5nn"] == 0.25
    assert features["skill_1nn"] == features["overlap"] == 0
    assert features["log_intrinsic_dimension"] == math.log(5)  # equally far: as many as there are


def test_a_tied_vote_goes_to_the_nearest():
    rows = [[3, 1, 1, 2, 2], [7, 7, 1, 1, 2], [4, 5, 6, 7, 8], [1, 2, 2, 3, 3]]
    assert vote(np.array(rows)).tolist() == [1, 7, 4, 2]
