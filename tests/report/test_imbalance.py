"""The line on accuracy beside balanced accuracy, on results with known noise."""

import math

import numpy as np
import pytest

from sweeper.report.imbalance import Accuracies, imbalance_line


def of(label, accuracy, balanced, majority=0.9, seeds=3, noise=0.004):
    """Values around two means with exactly this sample standard deviation."""
    offsets = np.linspace(-1, 1, seeds) if seeds > 1 else np.zeros(1)
    offsets = noise * offsets / (offsets.std(ddof=1) if seeds > 1 else 1)
    return Accuracies.of_seeds(
        label, list(accuracy + offsets), list(balanced + offsets), [majority] * seeds
    )


def test_nothing_is_said_where_both_agree():
    settings = [of("a", 0.97, 0.92), of("b", 0.95, 0.9), of("softmax", 0.94, 0.88)]
    assert imbalance_line(settings) is None


@pytest.mark.parametrize(
    ("accuracy", "told"),
    # Three standard errors of 0.004 / sqrt(3) are 0.0069.
    [(0.9, True), (0.906, True), (0.908, False), (0.6, True)],
)
def test_an_accuracy_that_a_constant_guess_gets_is_told(accuracy, told):
    line = imbalance_line([of("trial 0", 0.2, 0.5), of("trial 1", accuracy, 0.52)])
    assert (line is not None) == told
    if told:
        assert line == (
            "no accuracy is clearly above the 90.0 % that always naming the largest class gets; "
            "the highest balanced accuracy is 52.0 ± 0.4 % of trial 1"
        )


@pytest.mark.parametrize(("balanced", "told"), [(0.72, True), (0.709, False)])
def test_another_best_by_balanced_accuracy_is_told_beyond_noise(balanced, told):
    # Three standard errors of a difference are 0.0098.
    line = imbalance_line([of("trial 3", 0.97, 0.7), of("trial 7", 0.95, balanced)])
    assert (line is not None) == told
    if told:
        assert line == (
            "accuracy and balanced accuracy disagree: trial 3 is best by accuracy, trial 7 by "
            "balanced accuracy, 72.0 ± 0.4 % against 70.0 ± 0.4 %"
        )


def test_a_net_that_learned_nothing_from_equal_classes_is_left_to_the_reader():
    assert imbalance_line([of("a", 0.25, 0.25, 0.143, 2, 0.15), of("b", 0.28, 0.28, 0.143)]) is None


def test_one_seed_has_no_noise_to_compare_with():
    alone = [of("trial 0", 0.97, 0.5, seeds=1), of("trial 1", 0.95, 0.9, seeds=1)]
    assert imbalance_line(alone) is None
    assert "50.0 % of trial 0" in imbalance_line([of("trial 0", 0.9, 0.5, seeds=1)])


def test_the_best_of_many_trials_on_noise_is_not_taken_for_better():
    random, told = np.random.default_rng(0), 0
    for _ in range(200):
        values = 0.8 + 0.01 * random.standard_normal((20, 2, 3))
        settings = [
            Accuracies.of_seeds(f"trial {i}", list(a), list(b), [0.7] * 3)
            for i, (a, b) in enumerate(values)
        ]
        told += imbalance_line(settings) is not None
    assert told <= 20


def test_results_without_balanced_accuracy_say_nothing():
    old = Accuracies.of_seeds("trial 0", [0.9, 0.9], [math.nan] * 2, [math.nan] * 2)
    assert imbalance_line([old]) is None
    assert imbalance_line([]) is None
