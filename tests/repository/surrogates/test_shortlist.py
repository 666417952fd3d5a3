"""The greedy shortlist against plain loops and brute force."""

from itertools import combinations

import numpy as np
import pytest

from sweeper.repository.surrogates.shortlist import Shortlist, shortlist, worthwhile


def expected_best(gains, probability, positions):
    """The expected gain of the best of some settings, in plain loops."""
    total = 0.0
    for scenario, chance in zip(gains, probability, strict=True):
        total += chance * max(scenario[position] for position in positions)
    return total


@pytest.fixture(params=range(5))
def case(request):
    rng = np.random.default_rng(request.param)
    probability = rng.uniform(0.1, 1, 7)
    return rng.normal(size=(7, 9)), probability / probability.sum()


def test_each_next_setting_helps_most_and_the_regrets_are_those_of_plain_loops(case):
    gains, probability = case
    found = shortlist(gains, probability, 4)
    everything = expected_best(gains, probability, range(9))
    tried = []
    for position, regret in zip(found.positions, found.regrets, strict=True):
        reached = {
            other: expected_best(gains, probability, [*tried, other])
            for other in range(9)
            if other not in tried
        }
        assert position == max(reached, key=reached.get)
        assert regret == pytest.approx(everything - reached[position])
        tried.append(position)


def test_it_is_nearly_as_good_as_the_best_of_all_subsets(case):
    gains, probability = case
    found = shortlist(gains, probability, 3)
    base = probability @ gains.min(1)
    best = max(expected_best(gains, probability, each) for each in combinations(range(9), 3))
    ours = expected_best(gains, probability, found.positions)
    assert ours - base >= (1 - 1 / np.e) * (best - base)


def test_settings_that_complement_each_other_come_before_near_copies_of_the_first():
    gains = np.array([[3.0, 2.9, 0.0], [3.0, 2.9, 0.0], [0.0, 0.0, 4.0]])
    assert shortlist(gains, np.full(3, 1 / 3)).positions == (0, 2, 1)


def test_it_ends_where_one_more_saves_little():
    assert worthwhile(Shortlist((4, 2, 7, 1, 3), (1.0, 0.5, 0.3, 0.29, 0.1))).positions == (4, 2, 7)
    assert len(worthwhile(Shortlist((4, 2, 7, 1, 3), (1.0, 0.5, 0.3, 0.2, 0.1))).positions) == 5
    assert len(worthwhile(Shortlist((4,), (1.0,))).positions) == 1
