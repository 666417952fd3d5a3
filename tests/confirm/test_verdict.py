"""The verdict in plain words."""

import math

import pytest

from sweeper.confirm.verdict import best_seed, exported, verdict
from sweeper.store import Confirmation


def confirmation(objective="accuracy", **tests):
    """One of trial 4 and controls, whose test values are given; on validation data it is best."""
    values = {}
    for name, test in tests.items():
        validation = [0.9, 0.95, 0.9, 0.9] if name == "trial" else [0.8, 0.8, 0.81, 0.8]
        values[4 if name == "trial" else name] = {
            "validation": {objective: dict(enumerate(validation, 2))},
            "test": {objective: dict(enumerate(test, 2))},
        }
    return Confirmation(4, 4, values)


PLAIN = (0.80, 0.82, 0.78, 0.81)
ABOVE = (0.85, 0.87, 0.84, 0.86)
BELOW = (0.70, 0.72, 0.69, 0.72)
SAME = (0.81, 0.80, 0.80, 0.80)


def test_a_winner_that_beats_softmax():
    said = verdict(confirmation(trial=ABOVE, softmax=PLAIN, arcface=BELOW), "accuracy")
    assert said == ["trial 4 beat plain softmax on test data by 5.25 points, more than its noise"]


def test_nothing_beats_softmax():
    said = verdict(confirmation(trial=SAME, softmax=PLAIN, arcface=BELOW), "accuracy")
    assert said == ["nothing beat plain softmax by more than its noise"]


def test_a_default_that_beats_softmax_and_the_winner():
    found = confirmation(trial=SAME, softmax=PLAIN, arcface=ABOVE)
    first, second = verdict(found, "accuracy")
    assert first == (
        "trial 4 did not beat plain softmax by more than its noise; arcface with its paper's "
        "values did, by 5.25 points"
    )
    assert second == (
        "arcface with its paper's values scored higher on test data than trial 4, by 5.25 points "
        "(more than its noise); trial 4 was chosen on validation data, and arcface with its "
        "paper's values was lower there"
    )
    assert exported(found, "accuracy") == (
        "exported: trial 4 with seed 3, the best of the trials by accuracy on validation data; a "
        "choice by test data would flatter its own figures, so the default that scored higher "
        "there is not taken"
    )


def test_controls_are_named_with_their_rate():
    values = dict(confirmation(trial=BELOW, softmax=PLAIN, arcface=ABOVE).values)
    named = {
        f"{name} at lr 0.003" if isinstance(name, str) else name: values[name] for name in values
    }
    lines = verdict(Confirmation(4, 4, named), "accuracy")
    assert lines[0].endswith("arcface with its paper's values at lr 0.003 did, by 5.25 points")
    assert lines[1].startswith("plain softmax at lr 0.003 scored higher")


def test_softmax_above_the_winner_is_said():
    first, second = verdict(confirmation(trial=BELOW, softmax=PLAIN), "accuracy")
    assert first == "nothing beat plain softmax by more than its noise"
    assert second.startswith(
        "plain softmax scored higher on test data than trial 4, by 9.50 points (more than its"
    )


def test_smaller_is_better_for_compactness():
    found = confirmation("compactness", trial=BELOW, softmax=PLAIN)
    assert verdict(found, "compactness") == [
        "trial 4 beat plain softmax on test data by 0.0950, more than its noise"
    ]
    assert best_seed(found, "compactness") == 2
    found = confirmation("compactness", trial=PLAIN, softmax=BELOW)
    assert "plain softmax scored better on test data" in verdict(found, "compactness")[1]


@pytest.mark.parametrize("lost", [(math.nan,) * 4, (0.8, math.nan, math.nan, math.nan)])
def test_without_seeds_to_compare_there_is_no_verdict(lost):
    said = verdict(confirmation(trial=ABOVE, softmax=lost), "accuracy")
    assert said == ["with fewer than two seeds to compare, noise is unknown: no verdict"]


def test_seeds_that_differ_by_the_same_have_no_verdict():
    higher = tuple(value + 0.05 for value in PLAIN)
    said = verdict(confirmation(trial=higher, softmax=PLAIN), "accuracy")
    assert said == [
        "all 4 seeds set trial 4 apart from plain softmax by the same 5.00 points, which tells no "
        "noise: no verdict"
    ]
    lines = verdict(confirmation(trial=PLAIN, softmax=higher), "accuracy")
    assert "by 5.00 points (its noise is unknown); trial 4" in lines[1]
    said = verdict(confirmation(trial=PLAIN, softmax=PLAIN), "accuracy")
    assert said == ["nothing beat plain softmax by more than its noise"]
