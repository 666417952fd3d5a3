import numpy as np
import pytest
from scipy.stats import norm, t

from sweeper.repository.evaluation.calibration import MANY, QUANTILE, interval_factor


@pytest.mark.parametrize("sources", [4, 10, 30])
def test_intervals_of_new_sources_cover_as_they_claim(sources):
    """Deviations that are half of what they should be, and gains measured with noise."""
    rng = np.random.default_rng(sources)
    covered = []
    for _ in range(400):
        source = np.repeat(np.arange(sources), 3)
        deviation = rng.uniform(0.5, 1.5, len(source))
        error = deviation * 2 * np.repeat(rng.standard_normal(sources), 3)
        se = np.full(len(source), 0.7)
        residual = error + se * rng.standard_normal(len(source))
        factor = interval_factor(residual, deviation, se, source)
        new = rng.standard_normal(10)  # errors of new sources, in their true deviations
        covered.append(np.mean(np.abs(2 * new) <= QUANTILE * factor))
    # With the few, one degree of freedom is kept back.
    assert 0.88 <= np.mean(covered) <= (0.95 if sources < MANY else 0.93)


def test_few_sources_take_students_t():
    residual, deviation = np.array([1.0, -2.0, 3.0]), np.ones(3)
    factor = interval_factor(residual, deviation, np.zeros(3), np.arange(3))
    expected = np.sqrt(14 / 3) * t.ppf(0.95, 2) / norm.ppf(0.95)
    assert factor == pytest.approx(expected)


def test_many_sources_take_a_corrected_quantile():
    residual = np.arange(1.0, 2 * MANY + 1)
    factor = interval_factor(residual, np.ones(2 * MANY), np.zeros(2 * MANY), np.arange(2 * MANY))
    assert factor * norm.ppf(0.95) == np.ceil(0.9 * (2 * MANY + 1))


def test_each_source_has_one_vote():
    residual = np.concatenate([np.full(100, 5.0), np.arange(1.0, 40.0)])
    source = np.concatenate([np.zeros(100), np.arange(1.0, 40.0)])
    crowded = interval_factor(residual, np.ones(139), np.zeros(139), source)
    alone = interval_factor(residual[99:], np.ones(40), np.zeros(40), source[99:])
    assert crowded == pytest.approx(alone)


def test_one_source_is_too_few():
    with pytest.raises(ValueError, match="two sources"):
        interval_factor(np.ones(3), np.ones(3), np.zeros(3), np.zeros(3))
