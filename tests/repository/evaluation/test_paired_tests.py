import numpy as np
import pytest
from scipy.stats import sem, ttest_rel

from sweeper.repository.evaluation.paired_tests import (
    by_source,
    mean_over_sources,
    probability_no_better,
)


def test_the_test_is_the_paired_one_of_another_library():
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(0, 1, 8), rng.normal(0.5, 1, 8)
    expected = ttest_rel(ours, theirs, alternative="less").pvalue
    assert probability_no_better(ours, theirs) == pytest.approx(expected)
    found = mean_over_sources(ours)
    assert (found.mean, found.se) == pytest.approx((ours.mean(), sem(ours)))


def test_what_never_differs_is_no_better_and_what_always_does_is():
    ones = np.ones(4)
    assert probability_no_better(ones, ones) == 1
    assert probability_no_better(ones, ones + 1) == 0
    assert probability_no_better(ones + 1, ones) == 1


def test_each_source_has_the_mean_of_its_tasks():
    values = np.array([[1.0, 2.0, 6.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(by_source(values, np.array(["b", "a", "b"])), [[2, 3.5], [0, 0.5]])
