import math
import random
from statistics import fmean, stdev

import optuna
import pytest

from sweeper.registry.setting import Setting


def test_means_and_spreads(make_study, put, outcome_of):
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.5, 0.75]})
    put(opened, 1, values={"accuracy": [0.7]})
    put(opened, 2, "failed", cause="non-finite: the loss of epoch 1 with seed 0")
    put(opened, "softmax", values={"accuracy": [0.6, 0.6]}, setting=Setting("softmax"))
    outcome = outcome_of(opened)
    one, two, failed = outcome.trials
    assert one.values["accuracy"] == fmean([0.5, 0.75])
    assert one.spread["accuracy"] == pytest.approx(stdev([0.5, 0.75]))
    assert math.isnan(two.spread["accuracy"])
    assert math.isnan(failed.values["accuracy"])
    assert [row.label for row in outcome.controls] == ["softmax"]
    assert [row.label for row in outcome.ranked] == ["trial 1", "trial 0"]
    assert [row.label for row in outcome.best] == ["trial 1"]
    assert outcome.summary.counted == 3


def test_controls_count_at_their_best_rate(make_study, put, outcome_of):
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.5, 0.75]})
    for name, value in (("softmax", 0.6), ("softmax at lr 0.003", 0.7), ("arcface", 0.65)):
        put(opened, name, values={"accuracy": [value, value]}, setting=Setting(name.split()[0]))
    outcome = outcome_of(opened)
    assert [row.label for row in outcome.controls] == ["arcface", "softmax at lr 0.003"]
    assert len(outcome.every_control) == 3


def test_the_smallest_compactness_is_the_best(make_study, put, outcome_of):
    opened = make_study(objectives=["compactness"])
    for number, value in enumerate([0.4, 0.2, math.inf, 0.3]):
        put(opened, number, values={"compactness": [value, value]})
    outcome = outcome_of(opened)
    assert [row.record.number for row in outcome.ranked] == [1, 3, 0, 2]
    assert [row.record.number for row in outcome.best] == [1]


def test_the_pareto_front_is_optunas(make_study, put, outcome_of):
    objectives = ["compactness", "accuracy"]
    opened = make_study(objectives=objectives, n_trials=40)
    study = opened.optuna_study()
    generator = random.Random(1)
    for number in range(40):
        pair = [generator.randrange(12) / 12 for _ in objectives]  # ties, too
        put(opened, number, values={o: [v, v] for o, v in zip(objectives, pair, strict=True)})
        study.add_trial(
            optuna.trial.create_trial(values=pair, state=optuna.trial.TrialState.COMPLETE)
        )
    best = {row.record.number for row in outcome_of(opened).best}
    assert best == {trial.number for trial in study.best_trials}
    assert 1 < len(best) < 40


def test_an_experiment_has_no_best(make_study, put, outcome_of):
    opened = make_study(kind="experiment", settings=[{"loss": ["softmax", "arcface"]}])
    put(opened, 0, values={"accuracy": [0.5, 0.5]}, setting=Setting("softmax"))
    put(opened, 1, values={"accuracy": [0.7, 0.7]})
    outcome = outcome_of(opened)
    assert outcome.best == []
    assert [row.record.number for row in outcome.ranked] == [0, 1]
