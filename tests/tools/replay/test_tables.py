"""What is said of searches, on some made up."""

import numpy as np
import pytest

from tools.replay import figure, tables
from tools.replay.compared import Search
from tools.replay.methods import COLD, METHODS, OURS


def search(method, source, start, by, settled=None, seconds=float("nan")):
    regret = np.maximum(start - by * np.arange(60), 0.0)
    return Search(method, source, source, regret, 0.1 * np.arange(1, 61), settled, seconds)


@pytest.fixture
def searches():
    return [
        search(COLD, "a", 6.0, 0.1, seconds=2.0),
        search(COLD, "b", 6.0, 0.1, seconds=2.0),
        search(OURS, "a", 6.0, 1.0, settled=12, seconds=2.0),
        search(OURS, "b", 6.0, 0.5, settled=18, seconds=2.0),
    ]


def test_regrets_are_means_over_sources(searches):
    row = tables.by_trials(searches).splitlines()[-1]
    assert row.startswith(f"| {OURS} | 6.0 ± 0.0 | 4.5 ± 0.5 | 3.0 ± 1.0 |")


def test_it_is_told_within_how_many_trials_the_goals_are_met(searches):
    said = tables.goals(searches)
    # TPE is at 6 - 2.9 = 3.1 after 30; ours in the mean at 6 - 0.75 k.
    assert "in 30 trials, 3.1 points, ours reaches in 5 (goal: 5; met on 1 of 2 sources)" in said
    assert "in 60 trials, 0.1 points, ours reaches in 13 (goal: 12; met on 1 of 2 sources)" in said


def test_seconds_are_those_of_training_and_of_asking(searches):
    cold, ours = tables.by_seconds(searches).splitlines()[-2:]
    # TPE is at 1 after 51 trials, of 2 s and 0.1 s each; ours after 6 and 11.
    assert cold.startswith(f"| {COLD} | 51 trials, 107 s (2 of 2) |")
    assert ours.startswith(f"| {OURS} | 11 trials, 23 s (2 of 2) |")


def test_what_is_not_reached_is_said():
    row = tables.by_seconds([search(COLD, "a", 6.0, 0.0, seconds=1.0)]).splitlines()[-1]
    assert row == f"| {COLD} | – (0 of 1) | – (0 of 1) | – (0 of 1) |"


def test_the_goals_are_told_task_by_task(searches):
    first, second = tables.by_task(searches).splitlines()[-2:]
    assert first == "| a | 2 | 3.1 | 4 | 0.1 | 7 |"
    assert second == "| b | 2 | 3.1 | 7 | 0.1 | 13 |"


def test_it_is_told_where_searches_settled(searches):
    assert tables.settled(searches).startswith("2 of 2 searches settled, after 15 trials")


def test_the_figure_has_a_color_for_each_method_but_one(searches, tmp_path):
    figure.draw({"both": searches, "one": searches}, tmp_path / "replay.png")
    assert (tmp_path / "replay.png").stat().st_size > 10_000
    assert set(METHODS) - set(figure.COLORS) == {"transfer, nothing first"}
