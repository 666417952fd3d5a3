import math

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sweeper.repository.meta_features.intrinsic_dimension import intrinsic_dimension


def distances(points, count=20):
    return NearestNeighbors(n_neighbors=min(count, len(points) - 1)).fit(points).kneighbors()[0]


def sphere(dimension, n=2000):
    """Points of a sphere, turned into a random subspace of 40 dimensions."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n, dimension + 1))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points @ np.linalg.qr(rng.normal(size=(40, dimension + 1)))[0].T


@pytest.mark.parametrize("dimension", [1, 2, 4, 8])
def test_the_dimension_of_a_manifold_is_recovered(dimension):
    estimate = intrinsic_dimension(distances(sphere(dimension)))
    assert estimate == pytest.approx(dimension, rel=0.15)


def test_the_estimate_by_hand():
    rows = [[1.0, 2.0, 4.0], [1.0, 1.0, 2.0]]
    for_two = 1 / ((math.log(2) + 0) / 2)
    for_three = 1 / ((math.log(4) + math.log(2) + 2 * math.log(2)) / 4)
    # Fewer than ten neighbors: only the farthest k is used.
    assert intrinsic_dimension(np.array(rows)) == pytest.approx(for_three)
    assert intrinsic_dimension(np.array(rows)[:, :2]) == pytest.approx(for_two)


def test_duplicates_are_left_out():
    points = sphere(4)
    alone = intrinsic_dimension(distances(points))
    doubled = intrinsic_dimension(distances(np.vstack((points, points[:200]))))
    assert doubled == pytest.approx(alone, rel=0.05)


def test_nothing_to_measure():
    assert intrinsic_dimension(np.zeros((5, 4))) == 0
    assert intrinsic_dimension(np.ones((2, 1))) == 0
    assert intrinsic_dimension(np.ones((5, 4))) == math.inf
