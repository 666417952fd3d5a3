"""The power of the paired t-test against published tables and a simulation."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from sweeper.confirm.power import least_difference, power, seeds_needed


@pytest.mark.parametrize(
    ("effect", "seeds"),
    [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10)],  # as G*Power has them, α = 0.05, two-sided
)
def test_seeds_as_published(effect, seeds):
    assert seeds_needed(effect, 1.0) == seeds
    assert seeds_needed(-3 * effect, 3.0) == seeds
    assert power(effect, 1.0, seeds) >= 0.8 > power(effect, 1.0, seeds - 1)


def test_a_simulation_finds_as_many():
    generator = np.random.default_rng(0)
    samples = generator.normal(0.7, 1.3, size=(20_000, 8))
    found = (ttest_1samp(samples, 0.0, axis=1).pvalue < 0.05).mean()
    assert power(0.7, 1.3, 8) == pytest.approx(found, abs=4 * math.sqrt(0.25 / 20_000))


def test_no_difference_is_found_as_often_as_the_level():
    for level in (0.05, 0.001):
        assert power(0.0, 1.0, 12, level) == pytest.approx(level, rel=1e-6)


@pytest.mark.parametrize("seeds", [2, 5, 20, 400])
def test_the_least_difference_has_the_power_asked_for(seeds):
    least = least_difference(0.3, seeds, level=0.01, wanted=0.9)
    assert power(least, 0.3, seeds, level=0.01) == pytest.approx(0.9, abs=1e-6)


def test_with_many_seeds_it_is_that_of_the_normal_distribution():
    quantiles = 1.959963985 + 0.841621234
    assert least_difference(2.0, 10_000) == pytest.approx(2.0 * quantiles / 100, rel=1e-3)
    assert seeds_needed(0.04, 1.0) == pytest.approx((quantiles / 0.04) ** 2, rel=1e-3)


def test_what_cannot_be_told():
    assert math.isnan(power(0.1, 0.2, 1))
    assert math.isnan(least_difference(0.2, 1))
    assert math.isnan(least_difference(0.0, 5))
    assert math.isnan(least_difference(math.nan, 5))
    assert seeds_needed(1e-9, 1.0) is None
    assert power(1e6, 1.0, 5) == 1.0
