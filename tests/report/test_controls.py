"""A search in which a control was not beaten says so, in words."""

import pytest
from scipy.stats import ttest_rel

from sweeper.registry.setting import Setting
from sweeper.report import outlook
from sweeper.report.controls import unbeaten_lines
from sweeper.report.study_results import StudyResults


@pytest.fixture
def told(make_study, put):
    """Store a study of these trials and controls, values by seed, and return what is said."""

    def judge(trials, controls, measure="accuracy", **content):
        seeds = len(trials[0])
        opened = make_study(seeds=seeds, **content)
        for number, values in enumerate(trials):
            setting = Setting("arcface", m2=0.01 * number, scale=16.0)
            put(opened, number, values={measure: values}, setting=setting)
        for name, values in controls.items():
            put(opened, name, values={measure: values}, setting=Setting(name.split()[0]))
        outcome = StudyResults.load(opened.database, opened.stored)
        return unbeaten_lines(outcome), outcome

    return judge


def test_plain_softmax_that_no_trial_beat_is_named_with_its_lead(told):
    lines, outcome = told([(0.5, 0.6), (0.7, 0.8)], {"softmax": (0.81, 0.9), "arcface": (0.1, 0.1)})
    assert lines == [
        "no trial beat plain softmax: it scored higher than trial 1, the best, by 10.5 points "
        "(more than the noise of the seeds)"
    ]
    assert outlook.lines(outcome)[0] == lines[0]
    assert outlook.to_dict(outcome)["unbeaten"] == ["softmax"]


def test_nothing_is_said_where_a_trial_is_better(told):
    lines, outcome = told([(0.5, 0.6), (0.7, 0.8)], {"softmax": (0.7, 0.79)})
    assert lines == []
    assert outlook.to_dict(outcome)["unbeaten"] == []


def test_noise_is_that_of_a_paired_test_over_the_seeds(told):
    best = (0.70, 0.72, 0.71, 0.74)
    for step, ours in enumerate([(0.71, 0.73, 0.72, 0.75001), (0.75, 0.69, 0.75, 0.71)]):
        lines, _ = told([best], {"softmax": ours}, name=f"study {step}")
        exceeds = ttest_rel(ours, best).pvalue < 0.05
        assert ("more than the noise" in lines[0]) == exceeds
    lines, _ = told([(0.5,)], {"arcface": (0.6,)}, name="single seed")
    assert lines == [
        "no trial beat arcface with its paper's values: it scored higher than trial 0, the best, "
        "by 10.0 points (its noise is unknown)"
    ]


def test_a_control_at_its_best_rate_as_good_as_the_best_trial(told):
    lines, _ = told([(0.5, 0.5)], {"softmax": (0.4, 0.4), "softmax at lr 0.003": (0.5, 0.5)})
    assert lines == ["no trial beat plain softmax at lr 0.003: it scored as trial 0, the best"]


def test_less_is_better_of_compactness(told):
    lines, _ = told(
        [(0.5, 0.6)], {"softmax": (0.4, 0.5)}, measure="compactness", objectives=["compactness"]
    )
    assert lines[0].startswith("no trial beat plain softmax: it scored better than trial 0")
    assert " % " in lines[0]


def test_of_several_objectives_each_is_named(make_study, put):
    opened = make_study(objectives=["accuracy", "compactness"])
    put(opened, 0, values={"accuracy": (0.5, 0.6), "compactness": (0.1, 0.1)})
    softmax = {"accuracy": (0.6, 0.7), "compactness": (0.3, 0.3)}
    put(opened, "softmax", values=softmax, setting=Setting("softmax"))
    outcome = StudyResults.load(opened.database, opened.stored)
    (line,) = unbeaten_lines(outcome)
    assert line.startswith("no trial beat plain softmax by accuracy: it scored higher")


def test_each_objective_has_its_own_best_rate_of_a_control(make_study, put):
    opened = make_study(objectives=["accuracy", "retrieval"])
    put(opened, 0, values={"accuracy": (0.9, 0.9), "retrieval": (0.5, 0.5)})
    for name, accuracy, retrieval in (
        ("softmax", 0.6, 0.4),
        ("softmax at lr 0.003", 0.5, 0.7),
    ):
        values = {"accuracy": (accuracy,) * 2, "retrieval": (retrieval,) * 2}
        put(opened, name, values=values, setting=Setting("softmax"))
    outcome = StudyResults.load(opened.database, opened.stored)
    (line,) = unbeaten_lines(outcome)
    assert line.startswith("no trial beat plain softmax at lr 0.003 by retrieval")
