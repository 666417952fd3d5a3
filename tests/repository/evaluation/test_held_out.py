"""Scores of what is tried on a held-out task, against plain loops."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.gains import best_rate_gains
from sweeper.repository.records import Repository


def at_rate(rows, lr):
    return [{**row, "lr": lr} for row in rows]


@pytest.fixture
def table(world, result_row):
    """Five settings at the main rate, one at another, and plain softmax at both."""
    rng = np.random.default_rng(0)
    described, _ = world().task("t", "s", np.zeros(4))
    rows = [
        result_row("t", "arcface", 0.1 * number, 8.0, seed, 0.5 + 0.1 * rng.random())
        for number in range(5)
        for seed in range(4)
    ]
    rows += [result_row("t", "softmax", 0.0, 64.0, seed, 0.52) for seed in range(4)]
    other = [result_row("t", "softmax", 0.0, 64.0, seed, 0.54 + 0.01 * seed) for seed in range(4)]
    other += [result_row("t", "arcface", 0.2, 8.0, seed, 0.9) for seed in range(4)]
    repository = Repository(pd.DataFrame([described]), pd.DataFrame(rows + at_rate(other, 3e-3)))
    return repository, best_rate_gains(repository, "accuracy")


@pytest.fixture
def held(table):
    repository, gains = table
    return HeldOut.of(repository.tasks, gains)


def test_gains_are_over_plain_softmax_at_its_best_rate(table, held):
    repository, gains = table
    assert len(held.settings) == 5  # those at the main rate alone
    results = repository.results[repository.results["lr"] == 1e-3]
    means = results[results["loss"] == "arcface"].groupby("m2")["value"].mean()
    np.testing.assert_allclose(held.gain[:-1], means.to_numpy() - 0.555)
    assert held.gain[held.plain] == 0
    plain = gains[gains["loss"] == "softmax"].set_index("lr")["gain"]
    assert plain[1e-3] == pytest.approx(0.52 - 0.555)
    assert plain[3e-3] == 0


def test_the_best_of_some_is_chosen_on_one_half_and_scored_on_the_other(held):
    for tried in combinations(range(6), 3):
        scores = []
        for chosen_by, scored_by in ((held.half_a, held.half_b), (held.half_b, held.half_a)):
            best = max(tried, key=lambda position: chosen_by[position])
            scores.append(scored_by[best])
        assert held.reached(tried) == pytest.approx(np.mean(scores))
        assert held.regret(tried) == pytest.approx(held.best - np.mean(scores))
    assert held.regret([2]) == pytest.approx(held.best - held.gain[2])


@pytest.mark.parametrize("number", [1, 3, 5, 9])
def test_random_search_is_the_mean_over_all_subsets(held, number):
    drawn = list(combinations(range(5), min(number, 5)))
    expected = np.mean([held.regret(tried) for tried in drawn])
    assert held.random_regret(number) == pytest.approx(expected)


def test_a_setting_stands_at_the_nearest_measured_one(held):
    position, is_measured = held.closest(Setting("arcface", m2=0.29, scale=8.2))
    assert (held.settings["m2"][position], is_measured) == (pytest.approx(0.3), True)
    position, is_measured = held.closest(Setting("arcface", m2=0.5, scale=64.0))
    assert (held.settings["m2"][position], is_measured) == (pytest.approx(0.4), False)
    assert held.closest(Setting("softmax")) == (held.plain, True)


def test_a_single_seed_cannot_be_scored(world):
    single = world().repository(sources=1, seeds=1)
    assert HeldOut.of(single.tasks, best_rate_gains(single, "accuracy")) is None


def test_settings_count_each_at_its_own_rate_where_the_rate_was_searched_along(world, result_row):
    rng = np.random.default_rng(0)
    described, _ = world().task("t", "s", np.zeros(4))
    rows = [result_row("t", "softmax", 0.0, 64.0, seed, 0.5) for seed in range(4)]
    for number in range(6):
        own = [result_row("t", "arcface", 0.1 * number, 8.0, s, 0.6) for s in range(4)]
        rows += at_rate(own, float(10 ** rng.uniform(-3.5, -2.5)))
    repository = Repository(pd.DataFrame([described]), pd.DataFrame(rows))
    assert len(HeldOut.of(repository.tasks, best_rate_gains(repository, "accuracy")).settings) == 6
