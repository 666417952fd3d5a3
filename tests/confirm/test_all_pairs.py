"""All pairs, and Holm's correction by its definition."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from sweeper.confirm.all_pairs import all_pairs, holm


def test_holm_as_in_a_worked_example():
    # 0.005 × 4, 0.01 × 3, 0.03 × 2, and 0.04 × 1 raised to the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_rejects_what_the_stepwise_rule_rejects():
    generator = np.random.default_rng(1)
    for _ in range(50):
        p_values = generator.uniform(size=12) ** 4
        order = np.argsort(p_values)
        rejected = set()
        for step, index in enumerate(order):  # from the smallest on, until one is not small enough
            if p_values[index] > 0.05 / (12 - step):
                break
            rejected.add(int(index))
        assert {i for i, p in enumerate(holm(p_values.tolist())) if p <= 0.05} == rejected


def test_every_pair_is_there_once_and_is_scipys():
    values = np.random.default_rng(2).normal(size=(4, 6))
    values[3] += 9
    pairs = all_pairs(
        {name: dict(enumerate(row)) for name, row in zip("abcd", values, strict=True)}
    )
    assert {pair.one + pair.other for pair in pairs} == {"ab", "ac", "ad", "bc", "bd", "cd"}
    assert [pair.found.p for pair in pairs] == sorted(pair.found.p for pair in pairs)
    assert {pair.one + pair.other for pair in pairs if pair.differs} == {"ad", "bd", "cd"}
    for pair in pairs:
        expected = ttest_rel(values["abcd".index(pair.one)], values["abcd".index(pair.other)])
        assert pair.found.p == pytest.approx(expected.pvalue)
        assert pair.found.p <= pair.corrected <= 6 * pair.found.p


def test_settings_without_noise_have_no_test():
    pairs = all_pairs({"a": {0: 0.5, 1: 0.6}, "b": {0: 0.5, 1: 0.6}, "c": {0: 0.1, 1: 0.9}})
    assert [math.isnan(pair.corrected) for pair in pairs] == [False, False, True]
    assert not any(pair.differs for pair in pairs)
    assert math.isnan(pairs[-1].least)
