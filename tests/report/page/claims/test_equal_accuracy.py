"""Equal accuracy over λ, on made-up sweeps."""

import math

import numpy as np
import pytest

from sweeper.report.page.claims.equal_accuracy import (
    NoEqualAccuracy,
    Point,
    at_equal_accuracy,
    common_seeds,
)
from sweeper.report.page.claims.verdict import better

WEIGHTS = (0.01, 0.1, 1.0, 10.0)


def values(array):
    return dict(enumerate(np.asarray(array, dtype=float).tolist()))


def sweep(accuracy, measured, noise=None, factor=1.0):
    """Return the points of means over λ, with noise ``[seeds]`` of the accuracy added to both."""
    noise = np.zeros(4) if noise is None else noise
    return [
        Point(factor * w, values(a + noise), values(m + noise))
        for w, a, m in zip(WEIGHTS, accuracy, measured, strict=True)
    ]


PLAIN = values(np.full(4, 0.9))


def test_between_the_two_neighbors_of_the_crossing():
    points = sweep((0.91, 0.92, 0.89, 0.7), (4.0, 3.0, 2.0, 1.0))
    found = at_equal_accuracy(points[::-1], PLAIN, range(4))
    # From 0.02 ahead to 0.01 behind: two thirds of the way from 3 to 2.
    assert found == pytest.approx(dict.fromkeys(range(4), 3.0 - 2 / 3))


def test_how_a_term_is_normalized_makes_no_difference():
    accuracy, measured = (0.91, 0.92, 0.89, 0.7), (4.0, 3.0, 2.0, 1.0)
    one, other = (
        at_equal_accuracy(sweep(accuracy, measured, factor=f), PLAIN, range(4)) for f in (1, 256)
    )
    assert one == pytest.approx(other)


def test_the_largest_of_several_crossings_counts():
    points = sweep((0.91, 0.89, 0.91, 0.89), (4.0, 3.0, 2.0, 1.0))
    assert at_equal_accuracy(points, PLAIN, range(4))[0] == pytest.approx(1.5)


def test_without_a_crossing_it_is_said_why():
    with pytest.raises(NoEqualAccuracy, match="still as accurate at λ = 10, the largest"):
        at_equal_accuracy(sweep((0.9, 0.8, 0.9, 0.9), (4, 3, 2, 1)), PLAIN, range(4))
    with pytest.raises(NoEqualAccuracy, match="less accurate from λ"):
        at_equal_accuracy(sweep((0.8, 0.8, 0.8, 0.8), (4, 3, 2, 1)), PLAIN, range(4))
    # Without the last seed the first λ is behind, too.
    alone = np.array([-0.01, -0.01, -0.01, 0.1])
    points = sweep((0.9, 0.8, 0.8, 0.8), (4, 3, 2, 1), alone)
    with pytest.raises(NoEqualAccuracy, match="single seed"):
        at_equal_accuracy(points, PLAIN, range(4))


def test_seeds_without_a_value_are_left_out():
    points = sweep((0.91, 0.92, 0.89, 0.7), (4.0, 3.0, 2.0, 1.0))
    points[1].measured[2] = math.nan
    assert common_seeds(PLAIN, points) == [0, 1, 3]
    del points[3].accuracy[0]
    with pytest.raises(NoEqualAccuracy, match="fewer than 3 seeds"):
        common_seeds(PLAIN, points)


def draw(generator, measured, seeds=10):
    """Return softmax and a term whose accuracies and measures are noisy, each by itself."""

    def noisy(mean, spread):
        return values(mean + generator.normal(0, spread, seeds))

    accuracy = (0.92, 0.91, 0.88, 0.80)
    return [
        Point(w, noisy(a, 0.005), noisy(m, 0.05))
        for w, a, m in zip(WEIGHTS, accuracy, measured, strict=True)
    ]


def test_of_no_difference_one_of_forty_holds():
    generator, found = np.random.default_rng(0), []
    measured = (4.0, 3.0, 2.0, 1.0)
    for _ in range(600):
        plain = values(0.9 + generator.normal(0, 0.005, 10))
        one, other = (
            at_equal_accuracy(draw(generator, measured), plain, range(10)) for _ in range(2)
        )
        found.append(better(one, other, -1).word)
    error = 4 * math.sqrt(0.025 / 600)
    assert found.count("holds") / 600 == pytest.approx(0.025, abs=error)
    assert found.count("does not") / 600 == pytest.approx(0.025, abs=error)


def test_a_difference_at_equal_accuracy_is_found():
    generator, found = np.random.default_rng(1), []
    for _ in range(50):
        plain = values(0.9 + generator.normal(0, 0.005, 10))
        one = at_equal_accuracy(draw(generator, (3.0, 2.0, 1.0, 0.5)), plain, range(10))
        other = at_equal_accuracy(draw(generator, (4.0, 3.0, 2.0, 1.0)), plain, range(10))
        found.append(better(one, other, -1).word)
    assert found.count("holds") == 50
