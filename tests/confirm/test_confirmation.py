"""Confirming a search: what is trained again, what is chosen, and when the test split is read."""

import dataclasses
import math
import statistics

import pytest
import torch

from sweeper import store
from sweeper.confirm import confirmation as module
from sweeper.confirm.confirmation import confirm, estimate, find_contenders
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.store import SeedRecord, TrialRecord
from sweeper.study.ranking import best_controls, best_settings, cost
from sweeper.training import FusedTrainer, Interrupted, TrainingData, measure

CPU = torch.device("cpu")


def trial(number, value, state="complete", scale=1.0):
    seeds = (SeedRecord(0, {"accuracy": value}, ()),)
    return TrialRecord(Setting("arcface", scale=scale), state, number=number, seeds=seeds)


def values_alone(opened, setting, seed, part):
    """Train one setting with one seed, by itself, and measure it."""
    spec, task = opened.spec, opened.task
    data = TrainingData.of(task.dataset, task.split, part)
    array = FusedTrainer(data, [setting], [seed], spec.recipe)
    for _ in range(spec.epochs):
        array.train_epoch()
    return measure(array, spec.objectives).values["accuracy"].item()


def test_the_cost_is_less_for_the_better():
    assert cost("accuracy", 0.9) < cost("accuracy", 0.8) < cost("accuracy", math.nan)
    assert cost("compactness", 0.1) < cost("compactness", 0.2) < cost("compactness", math.nan)


def test_the_best_settings_are_complete_and_distinct():
    records = [
        trial(0, 0.5, scale=1.0),
        trial(1, 0.9, scale=2.0),
        trial(2, 0.9, scale=2.0),
        trial(3, 0.99, "pruned", scale=3.0),
        trial(4, 0.7, scale=4.0),
        dataclasses.replace(trial(5, 1.0, scale=5.0), number=None, control="arcface"),
    ]
    assert [r.number for r in best_settings(records, "accuracy", 2)] == [1, 4]
    assert [r.number for r in best_settings(records, "accuracy", 9)] == [1, 4, 0]


def test_the_best_control_of_each_loss_is_the_one_at_its_best_rate():
    def control(name, value, state="complete"):
        return dataclasses.replace(trial(0, value, state), number=None, control=name)

    records = [
        trial(0, 0.99),
        control("arcface", 0.6),
        control("arcface at lr 0.0003", 0.8),
        control("arcface at lr 0.003", 0.9, "failed"),
        control("softmax", 0.7),
        control("softmax at lr 0.003", 0.7),
    ]
    best = [record.control for record in best_controls(records, "accuracy")]
    assert best == ["arcface at lr 0.0003", "softmax"]


def test_controls_are_confirmed_at_their_best_rate(quick, start, work):
    space = {"scale": {"low": 2.0, "high": 32.0, "log": True}, "lr": {"choices": [1e-9, 0.01]}}
    opened = start(quick(space=space, n_trials=2))
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    assert {name: setting.lr for name, setting in contenders.controls.items()} == {
        "softmax": 0.01,
        "arcface": 0.01,
    }
    trained = {r.control for r in store.load_trials(opened.database, opened.stored.id)} - {None}
    assert trained == {"softmax", "arcface", "softmax at lr 1e-09", "arcface at lr 1e-09"}


def test_a_confirmation(quick, start, work):
    opened = start(quick())
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    assert len(contenders.trials) == 3
    assert list(contenders.controls) == ["softmax", "arcface"]
    shares = []
    confirmation, winner = confirm(opened, contenders, 3, CPU, on_share=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(confirmation.values) == contenders.labels

    means = {}
    for label, splits in confirmation.values.items():
        controls_or_winner = label == confirmation.winner or isinstance(label, str)
        assert set(splits) == ({"validation", "test"} if controls_or_winner else {"validation"})
        assert list(splits["validation"]["accuracy"]) == [2, 3, 4]  # the study has had 0 and 1
        means[label] = statistics.fmean(splits["validation"]["accuracy"].values())
    trials = {label: mean for label, mean in means.items() if isinstance(label, int)}
    assert trials[confirmation.winner] == max(trials.values())
    own = confirmation.values[confirmation.winner]["validation"]["accuracy"]
    assert own[winner.seed] == max(own.values())
    assert winner.trial.number == confirmation.winner


def test_the_values_are_those_of_a_training_alone(quick, start, work):
    opened = start(quick())
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    confirmation, winner = confirm(opened, contenders, 2, CPU)
    settings = {confirmation.winner: winner.trial.setting, **contenders.controls}
    for label, setting in settings.items():
        for part in ("validation", "test"):
            for seed, value in confirmation.values[label][part]["accuracy"].items():
                alone = values_alone(opened, setting, seed, part)
                assert value == pytest.approx(alone, abs=1e-6)


def test_no_look_at_the_test_split_once_it_is_to_stop(quick, start, work, monkeypatch):
    opened = start(quick())
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)

    def read(*arguments):
        raise AssertionError("the test split was read")

    trained = []
    given = opened.task.training_data(CPU)
    monkeypatch.setattr(type(opened.task), "training_data", lambda task, device, exact: given)
    monkeypatch.setattr(module.TrainingData, "of", read)  # type: ignore[attr-defined]
    with pytest.raises(Interrupted):  # in the midst of the training
        confirm(opened, contenders, 2, CPU, stop=lambda: bool(trained), on_share=trained.append)
    with pytest.raises(Interrupted):  # behind it
        confirm(
            opened,
            contenders,
            2,
            CPU,
            stop=lambda: trained[-1:] == [1.0],
            on_share=trained.append,
        )
    assert store.find_confirmation(opened.database, opened.stored.id) is None


def test_what_diverges_does_not_win(quick, start, work):
    opened = start(quick())
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    wild = Setting("softmax", lr=1e38)
    diverging = dataclasses.replace(contenders.trials[0], setting=wild)
    changed = dataclasses.replace(contenders, trials=[diverging, *contenders.trials[1:]])
    confirmation, _ = confirm(opened, changed, 2, CPU)
    assert confirmation.winner != diverging.number
    lost = confirmation.values[diverging.number]
    assert module.diverged(lost, "accuracy") == [2, 3]
    changed = dataclasses.replace(contenders, trials=[diverging])
    with pytest.raises(SweeperError, match=r"all diverged: trial \d+ with seed 2, 3; the test"):
        confirm(opened, changed, 2, CPU)


def test_an_experiment_is_refused(quick, start):
    opened = start(quick(kind="experiment", settings=[{"loss": "softmax"}]))
    with pytest.raises(UsageError, match="is an experiment"):
        find_contenders(opened.database, opened.stored)


def test_an_unfinished_study_is_refused(quick, start):
    opened = start(quick())
    with pytest.raises(SweeperError, match=r"no trial is trained .* sweeper worker s --storage "):
        find_contenders(opened.database, opened.stored)


def test_the_estimate_is_a_time(quick, start, work):
    opened = start(quick())
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    assert 0 < estimate(opened, contenders, 2, CPU) < 600


def test_state_that_is_not_read_back_is_refused_before_the_test_split_is_read(quick, start, work):
    opened = start(quick(net="tests.support.own_nets:secretive"))
    work(opened)

    def read():
        raise AssertionError("the test split was read")

    contenders = find_contenders(opened.database, opened.stored)
    with pytest.raises(SweeperError, match=r"^the net's _extra_state cannot be exported; [^\n]+$"):
        confirm(opened, contenders, 2, torch.device("cpu"), before_test=read)
