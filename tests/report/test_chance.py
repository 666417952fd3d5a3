"""A search that found nothing but guessing says so."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from sweeper.registry.setting import Setting
from sweeper.report import outlook
from sweeper.report.chance import chance_line
from sweeper.report.study_results import StudyResults


@pytest.fixture
def told(make_study, put):
    """Store a study on digits of so many seeds, each trial's values by measure, and judge it."""

    def judge(*trials, **content):
        seeds = len(next(iter(trials[0].values())))
        opened = make_study(seeds=seeds, **content)
        for number, values in enumerate(trials):
            setting = Setting("arcface", m2=0.01 * number, scale=16.0)
            put(opened, number, values=values, setting=setting)
        outcome = StudyResults.load(opened.database, opened.stored)
        return chance_line(outcome), outcome

    return judge


def accuracies(accuracy, balanced=None, majority=0.1):
    return {
        "accuracy": tuple(accuracy),
        "balanced accuracy": tuple(accuracy if balanced is None else balanced),
        "majority baseline": (majority,) * len(accuracy),
    }


def test_it_is_said_where_the_interval_contains_guessing(told):
    line, outcome = told(accuracies([0.12, 0.08, 0.11]), accuracies([0.05, 0.06, 0.04]))
    assert line == (
        "3 seeds cannot tell it from chance: the best accuracy is 10.3 ± 2.1 %, trial 0; guessing "
        "gets 10.0 %"
    )
    assert outlook.lines(outcome)[0] == line
    assert outlook.to_dict(outcome)["chance"] == line


def test_too_few_seeds_are_not_told_to_be_chance(told):
    line, _ = told(accuracies([0.545, 0.455], majority=0.205))
    assert line == (
        "2 seeds cannot tell it from chance: the best accuracy is 50.0 ± 6.4 %, trial 0; guessing "
        "gets 20.5 %"
    )


def test_it_is_a_t_test_of_the_best_against_guessing(told):
    rng = np.random.default_rng(0)
    for mean in (0.1, 0.11, 0.12, 0.13, 0.2):
        values = (mean + rng.normal(0, 0.01, 4)).tolist()
        test = ttest_1samp(values, 0.1)
        better = test.statistic > 0 and test.pvalue < 0.05
        line, _ = told(accuracies(values), name=f"mean {mean}")
        assert (line is None) == better


def test_a_rare_class_that_is_found_is_better_than_chance(told):
    rare = accuracies([0.90, 0.91, 0.89], balanced=[0.7, 0.72, 0.71], majority=0.9)
    assert told(rare)[0] is None
    none = accuracies([0.90, 0.90, 0.90], balanced=[0.1, 0.1, 0.1], majority=0.9)
    assert (
        "the best accuracy is 90.0 ± 0.0 %, trial 0; guessing gets 90.0 %"
        in told(none, name="other")[0]
    )


def test_one_seed_has_no_interval_and_other_objectives_no_accuracy(told):
    assert told(accuracies([0.1]))[0] is not None
    assert told(accuracies([0.11]), name="above")[0] is None
    spread = {"compactness": (0.5, 0.6)}
    assert told(spread, name="compact", objectives=["compactness"])[0] is None


def test_without_a_complete_trial_nothing_is_said(make_study):
    opened = make_study()
    assert chance_line(StudyResults.load(opened.database, opened.stored)) is None
