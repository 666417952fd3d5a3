import math
from itertools import combinations

import numpy as np
import pytest
from scipy.special import ive

from sweeper.repository.meta_features.angles import angle_features, angles_between


@pytest.mark.parametrize("angle", [0.3, 1.0, 2.5])
def test_blobs_at_a_known_angle(blobs, angle):
    first = np.eye(20)[0]
    second = math.cos(angle) * np.eye(20)[0] + math.sin(angle) * np.eye(20)[1]
    features = angle_features(*blobs([first, second], per_class=2000, noise=0.5))
    for name in ("angle_smallest", "angle_low", "angle_mean"):
        assert features[name] == pytest.approx(angle, abs=0.03)


def test_angles_of_every_pair(blobs):
    vectors, classes = blobs(np.random.default_rng(1).normal(size=(6, 5)), 7, 0.5)
    means = [vectors[classes == c].mean(0) for c in range(6)]
    angles = [math.acos(a @ b / math.sqrt((a @ a) * (b @ b))) for a, b in combinations(means, 2)]
    features = angle_features(vectors, classes)
    assert features["angle_smallest"] == pytest.approx(min(angles))
    assert features["angle_mean"] == pytest.approx(np.mean(angles))
    ordered = sorted(angles)  # the quantile of 15 values: 0.05 · 14 = 0.7 on from the smallest
    low = ordered[0] + 0.7 * (ordered[1] - ordered[0])
    assert features["angle_low"] == pytest.approx(low)


def test_spread_is_the_mean_cosine_of_pairs(blobs):
    vectors, classes = blobs(np.eye(5)[:3], 6, 1.0)
    cosines = [
        np.mean([a @ b for a, b in combinations(vectors[classes == c], 2)]) for c in range(3)
    ]
    expected = math.acos(math.sqrt(np.mean(cosines)))
    assert angle_features(vectors, classes)["angle_spread"] == pytest.approx(expected)


@pytest.mark.parametrize("kappa", [1.0, 4.0, 50.0])
@pytest.mark.parametrize("per_class", [2, 20])
def test_spread_of_von_mises_directions_does_not_depend_on_their_number(kappa, per_class):
    turns = np.random.default_rng(0).vonmises(0.0, kappa, 40_000)
    vectors = np.column_stack((np.cos(turns), np.sin(turns)))
    features = angle_features(vectors, np.arange(40_000) // per_class % 2000)
    resultant = ive(1, kappa) / ive(0, kappa)  # the mean resultant length in closed form
    assert math.cos(features["angle_spread"]) == pytest.approx(resultant, abs=0.02)


def test_classes_on_points(blobs):
    features = angle_features(*blobs(np.eye(3), 4, 0.0))
    assert features["angle_mean"] == pytest.approx(math.pi / 2)
    assert features["angle_spread"] == pytest.approx(0, abs=1e-7)
    assert features["log_angle_ratio"] == pytest.approx(math.log(math.pi / 2 / 0.01 + 1), abs=1e-4)


def test_one_image_a_class_has_nothing_in_common():
    features = angle_features(np.eye(4), np.arange(4))
    assert features["angle_spread"] == pytest.approx(math.pi / 2)
    assert features["log_angle_ratio"] == pytest.approx(0)


def test_a_class_of_one_says_nothing_of_the_spread(blobs):
    vectors, classes = blobs(np.eye(5)[:2], 6, 0.5)
    more = angle_features(np.vstack((vectors, np.eye(5)[4:])), np.append(classes, 2))
    assert more["angle_spread"] == angle_features(vectors, classes)["angle_spread"]


def test_small_angles_are_not_lost_to_rounding():
    pair = np.array([[1.0, 0.0], [math.cos(1e-9), math.sin(1e-9)]])
    assert angles_between(pair) == pytest.approx([1e-9], rel=1e-6)
