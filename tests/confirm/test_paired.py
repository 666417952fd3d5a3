"""The paired numbers against SciPy's and a closed form."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from sweeper.confirm.paired import paired

NAN = math.nan


@pytest.mark.parametrize("seeds", [2, 3, 12])
def test_paired_numbers_are_scipys(seeds):
    ours, theirs = np.random.default_rng(seeds).normal(size=(2, seeds))
    result = paired(dict(enumerate(ours)), dict(enumerate(theirs)))
    expected = ttest_rel(ours, theirs)
    interval = expected.confidence_interval(0.95)
    assert result.mean == pytest.approx(np.mean(ours - theirs), rel=1e-12)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert (result.seeds, result.left_out) == (seeds, ())


def test_two_seeds_in_closed_form():
    # With one degree of freedom t is Cauchy's: p = 1 - 2 atan(|t|) / π, and t(0.975) = tan(0.475 π)
    result = paired({4: 1.0, 5: 3.0}, {4: 0.0, 5: 0.0})  # mean 2, standard error 1
    assert result.p == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    assert result.high == pytest.approx(2 + math.tan(0.475 * math.pi))
    assert result.low == pytest.approx(2 - math.tan(0.475 * math.pi))


def test_pairs_go_by_seed_and_not_by_place():
    assert paired({1: 0.1, 2: 0.9}, {2: 0.5, 1: 0.5}).mean == pytest.approx(0.0)


def test_seeds_without_a_value_are_left_out():
    ours = {4: 0.5, 5: NAN, 6: 0.75, 7: 0.5, 8: 0.5}
    theirs = {4: 0.25, 5: 0.5, 6: 0.25, 7: NAN}
    result = paired(ours, theirs)
    assert (result.mean, result.seeds, result.left_out) == (0.375, 2, (5, 7, 8))


@pytest.mark.parametrize("difference", [0.0, 0.1])
def test_differences_that_do_not_vary_have_no_test(difference):
    ours = {seed: 0.1 * seed + difference for seed in range(5)}
    result = paired(ours, {seed: 0.1 * seed for seed in range(5)})
    assert result.mean == pytest.approx(difference)
    assert (result.low, result.high) == (result.mean, result.mean)
    assert math.isnan(result.p)


def test_too_few_seeds():
    one = paired({4: 0.5}, {4: 0.25})
    assert (one.mean, one.seeds) == (0.25, 1)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    assert math.isnan(one.p)
    none = paired({4: 0.5}, {4: NAN})
    assert math.isnan(none.mean)
    assert none.seeds == 0


@pytest.mark.parametrize(
    ("theirs", "exceeds"),
    [
        ((0.5, 0.6, 0.4), False),
        ((0.1, 0.2, 0.1), True),
        ((0.9, 1.0, 0.9), True),
        ((0.4, 0.45, 0.45), False),
        ((0.5,), False),
    ],
)
def test_noise_is_what_the_interval_holds(theirs, exceeds):
    ours = dict(enumerate((0.5, 0.55, 0.55)[: len(theirs)]))
    assert paired(ours, dict(enumerate(theirs))).exceeds_noise == exceeds
