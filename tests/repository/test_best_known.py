import numpy as np
import pandas as pd
import pytest

from sweeper.repository.best_known import best_gain, best_measured, best_measured_gain, comparable
from sweeper.repository.gains import best_rate_gains, gains
from sweeper.repository.records import Repository


def table(world, rows):
    described = world().task("t", "s", np.zeros(4))[0]
    return gains(Repository(pd.DataFrame([described]), pd.DataFrame(rows)), "accuracy")


def tuned(world, rows):
    described = world().task("t", "s", np.zeros(4))[0]
    return best_rate_gains(Repository(pd.DataFrame([described]), pd.DataFrame(rows)), "accuracy")


def test_half_of_the_seeds_choose_and_the_others_score(world, result_row):
    scores = {("arcface", 8.0): (0.9, 0.5, 0.9, 0.5), ("arcface", 16.0): (0.6, 0.8, 0.6, 0.8)}
    scores[("softmax", 64.0)] = (0.5, 0.5, 0.5, 0.5)
    rows = [
        result_row("t", loss, 0.0, scale, seed, value)
        for (loss, scale), values in scores.items()
        for seed, value in enumerate(values)
    ]
    # Seeds 0 and 2 choose the first, which then scores 0.5; 1 and 3 the second, which scores 0.6.
    assert best_gain(comparable(table(world, rows))) == pytest.approx(0.55 - 0.5)


def test_among_equal_settings_the_best_is_not_flattered(world):
    """The largest of 32 noisy means would lie about two standard errors above the truth."""
    found, largest = [], []
    for seed in range(30):
        one = world(seed, height=0.0, curve=0.0, noise=0.02)
        table = gains(one.repository(sources=1), "accuracy")
        rows = comparable(table)
        control = rows["control_score"].iloc[0]
        base = control  # what the control's own noise adds is in every gain alike
        found.append(best_gain(rows))
        largest.append(rows["score"].max() - base)
    noise = 0.02 / 2 / np.sqrt(30)
    assert abs(np.mean(found)) < 5 * noise
    assert np.mean(largest) > 8 * noise


def test_the_best_measured_is_chosen_on_half_of_the_seeds_too(world, result_row):
    scores = {("arcface", 8.0): (0.9, 0.5, 0.9, 0.5), ("arcface", 16.0): (0.6, 0.8, 0.6, 0.8)}
    scores |= {("softmax", 64.0): (0.5, 0.5, 0.5, 0.5), ("cosface", 8.0): (1.0,)}
    rows = [
        result_row("t", loss, 0.0, scale, seed, value)
        for (loss, scale), values in scores.items()
        for seed, value in enumerate(values)
    ]
    # The one with a single seed does not compete.
    assert best_measured_gain(tuned(world, rows)) == pytest.approx(0.55 - 0.5)
    worse = [row | {"value": row["value"] - 0.45 * (row["loss"] != "softmax")} for row in rows]
    assert best_measured_gain(tuned(world, worse)) == pytest.approx(0.0)
    single = [row for row in rows if row["seed"] == 0]
    assert np.isnan(best_measured_gain(tuned(world, single)))


def test_plain_softmax_is_among_the_best(world):
    repository = world(height=-0.2).repository(sources=1)
    rows = comparable(gains(repository, "accuracy"))
    assert best_gain(rows) == pytest.approx(0.0, abs=1e-12)
    assert best_measured(best_rate_gains(repository, "accuracy")).loss == "softmax"


def test_one_seed_cannot_be_halved(world):
    assert np.isnan(
        best_gain(comparable(gains(world().repository(sources=1, seeds=1), "accuracy")))
    )


def test_one_lucky_seed_does_not_win(world, result_row):
    rows = [result_row("t", "softmax", 0.0, 64.0, seed, 0.5) for seed in range(3)]
    rows += [
        result_row("t", "arcface", 0.1 * i, 8.0, s, 0.6 + 0.01 * i)
        for i in range(3)
        for s in range(3)
    ]
    rows += [result_row("t", "arcface", 0.5, 8.0, 0, 0.99)]
    assert best_measured(tuned(world, rows)).m2 == pytest.approx(0.2)


def test_gains_over_different_controls_are_not_compared(world, result_row):
    def at(lr, rows):
        return [{**row, "lr": lr} for row in rows]

    good = [result_row("t", "softmax", 0.0, 64.0, s, 0.8) for s in range(2)]
    bad = [result_row("t", "softmax", 0.0, 64.0, s, 0.2) for s in range(2)]
    many = [result_row("t", "arcface", m, 8.0, s, 0.81) for s in range(2) for m in (0.1, 0.2)]
    one = [result_row("t", "arcface", 0.3, 8.0, s, 0.7) for s in range(2)]
    every = at(1e-3, good + many) + at(1e-5, bad + one)
    assert best_measured(tuned(world, every)).lr == 1e-3
    rows = table(world, every)
    assert best_gain(comparable(rows)) == pytest.approx(0.01)
