"""A whole study in this process, compared with plain loops and between all places it is stored."""

import math
from statistics import fmean, stdev

import optuna
import pytest
import torch
from optuna.trial import TrialState
from torch.nn import functional as F

from sweeper import data, models, store
from sweeper.losses import CombinedMarginLoss, SoftmaxLoss
from sweeper.report.study_results import StudyResults
from sweeper.store.results.frames import curve_table, trial_table
from sweeper.study.open_study import SETTING
from sweeper.training.batching import batches

on_sqlite = pytest.mark.parametrize("database", ["sqlite_database"], indirect=True)


def states(opened) -> list[TrialState]:
    return [trial.state for trial in opened.optuna_study().get_trials(deepcopy=False)]


def plain_run(spec, setting, seed, part="validation"):
    """Train one setting with one seed as anybody would; return accuracy and the loss by epoch."""
    dataset = data.load(spec.dataset)
    split = data.split(dataset, hold_out=False, seed=spec.seed)
    images = dataset.inputs[split.train].float()
    mean, std = (
        images.mean((0, 2, 3), keepdim=True),
        images.std((0, 2, 3), correction=0, keepdim=True),
    )
    labels = split.train_labels
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = models.build(spec.net, dataset.input_shape, spec.embedding)
        classes = len(split.trained_classes)
        if setting.loss == "softmax":
            criterion = SoftmaxLoss(classes, spec.embedding)
        else:
            margins = {name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}
            criterion = CombinedMarginLoss(classes, spec.embedding, **margins)
    optimizer = torch.optim.AdamW(
        [*net.parameters(), *criterion.parameters()],
        lr=setting.lr,
        weight_decay=setting.weight_decay,
    )
    steps = spec.epochs * math.ceil(len(labels) / spec.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
    )
    curve = []
    for epoch in range(spec.epochs):
        losses = []
        for index in batches(len(labels), spec.batch_size, [seed], epoch, torch.device("cpu")):
            optimizer.zero_grad()
            loss = criterion(net((images[index[0]] - mean) / std), labels[index[0]])
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        curve.append(fmean(losses))
    net.eval()
    with torch.no_grad():
        features = net((dataset.inputs[getattr(split, part)].float() - mean) / std)
        if setting.loss == "softmax":
            scores = F.linear(features, criterion.weight, getattr(criterion, "bias", None))
        else:
            scores = F.normalize(features) @ F.normalize(criterion.weight).T
    right = scores.argmax(1) == getattr(split, f"{part}_labels")
    return right.float().mean().item(), curve


@on_sqlite
@pytest.mark.parametrize("fuse", [1, 3])
def test_a_trial_is_what_a_plain_loop_gives(fuse, database, study, start, work):
    spec = study(
        dataset="digits[per_class=40]",
        epochs=3,
        seeds=2,
        batch_size=32,
        n_trials=3,
        sampler="random",
        fixed={"lr": 3e-3, "weight_decay": 1e-2},
        precision="float32",
    )
    opened = start(spec)
    assert work(opened, fuse=fuse) == 3 + 2
    records = store.load_trials(database, opened.stored.id)
    assert [record.number for record in records] == [0, 1, 2, None, None]
    size = len(opened.task.split.validation)
    for record in records:
        assert record.state == "complete"
        assert record.epochs == 3
        assert record.setting.lr == 3e-3
        for seed in record.seeds:
            accuracy, curve = plain_run(opened.spec, record.setting, seed.seed)
            # One image may lie so near between two classes that rounding decides.
            assert seed.values["accuracy"] == pytest.approx(accuracy, abs=1.01 / size)
            assert [epoch.train_loss for epoch in seed.curve] == pytest.approx(curve, rel=2e-3)


def test_every_place_says_the_same(database, quick, start, work):
    objectives = ["retrieval", "accuracy"]
    opened = start(quick(objectives=objectives, net="linear", seeds=3, n_trials=4))
    work(opened, fuse=3)
    records = store.load_trials(database, opened.stored.id)
    table = trial_table(database, opened.stored.id).set_index("number")
    outcome = StudyResults.load(database, opened.stored)
    curves = curve_table(database, opened.stored.id)
    trained = len(opened.task.split.trained_classes)
    trials = opened.optuna_study().trials
    assert states(opened) == [TrialState.COMPLETE] * 4
    for record, row in zip(records, [*outcome.trials, *outcome.controls], strict=True):
        assert [seed.seed for seed in record.seeds] == [0, 1, 2]
        values = [seed.values["retrieval"] for seed in record.seeds]
        assert len(set(values)) > 1
        assert row.values["retrieval"] == pytest.approx(fmean(values))
        assert row.spread["retrieval"] == pytest.approx(stdev(values))
        for seed in record.seeds:
            assert [epoch.epoch for epoch in seed.curve] == [1, 2]
            assert [of.index for of in seed.classes] == list(range(trained))
            # The accuracy is the mean of the recalls, each as often as its class is there.
            val = opened.task.split.of_seed(seed.seed).validation_labels
            weights = val.bincount(minlength=trained) / len(val)
            recalls = sum(of.recall * weights[of.index].item() for of in seed.classes)
            assert recalls == pytest.approx(seed.values["accuracy"], abs=1e-6)
            assert seed.curve[-1].accuracy == pytest.approx(seed.values["accuracy"])
        if record.number is not None:
            assert trials[record.number].values[0] == pytest.approx(fmean(values))
            assert table.loc[record.number, "retrieval"] == pytest.approx(fmean(values))
            assert table.loc[record.number, "retrieval_std"] == pytest.approx(stdev(values))
            assert trials[record.number].user_attrs["retrieval of each seed"] == values
            params = trials[record.number].params
            assert {n: getattr(record.setting, n) for n in ("m2", "m3", "scale")} == params
    assert len(curves) == 6 * 3 * 2


def test_budget_is_exact_and_may_grow(database, quick, start, work):
    opened = start(quick(n_trials=4))
    assert work(opened, fuse=3) == 4 + 2
    assert work(opened, fuse=3) == 0
    opened = start(quick(n_trials=7))
    assert opened.stored.n_trials == 7
    assert work(opened, fuse=5) == 3
    summary = store.summarize(database, "s")
    assert (summary.counted, summary.live) == (7, 0)
    numbers = [record.number for record in store.load_trials(database, opened.stored.id)]
    assert numbers == [*range(7), None, None]
    assert len({tuple(t.params.values()) for t in opened.optuna_study().trials}) == 7


def test_a_setting_that_diverges_fails_alone(database, study, start, work):
    spec = study(
        dataset="digits[per_class=20]",
        sampler="grid",
        space={"lr": {"choices": [1e-3, 1e30]}, "scale": {"choices": [8.0, 16.0]}},
        epochs=2,
        seeds=2,
        n_trials=4,
    )
    opened = start(spec)
    assert work(opened, fuse=4) == 4 + len(opened.spec.control_settings())
    records = store.load_trials(database, opened.stored.id)[:4]
    assert sorted((r.setting.lr, r.state) for r in records) == [
        *[(1e-3, "complete")] * 2,
        *[(1e30, "failed")] * 2,
    ]
    for record in records:
        assert len(record.seeds) == 2
        if record.state == "failed":
            assert record.cause.startswith("non-finite: ")
            assert "seed 0, 1" in record.cause
            trial = opened.optuna_study().trials[record.number]
            assert trial.state == TrialState.FAIL
            assert trial.user_attrs["cause"] == record.cause
        else:
            assert all(math.isfinite(seed.values["accuracy"]) for seed in record.seeds)
    assert store.summarize(database, "s").counted == 4
    assert work(opened) == 0


@on_sqlite
@pytest.mark.parametrize("pruner", ["racing", "median", "halving"])
def test_pruned_trials_are_stored_and_counted(pruner, database, quick, start, work):
    content = {"epochs": 6, "n_trials": 14, "rungs": [1, 3], "space": {"lr": LR}}
    opened = start(quick(name="pruned", pruner=pruner, **content))
    work(opened, fuse=2)
    pruned = [r for r in store.load_trials(database, opened.stored.id) if r.state == "pruned"]
    assert 0 < len(pruned) < 14
    for record in pruned:
        trial = opened.optuna_study().trials[record.number]
        assert trial.state == TrialState.PRUNED
        assert record.epochs in (1, 3)
        assert list(trial.intermediate_values)[-1] == record.epochs
        values = [seed.values["accuracy"] for seed in record.seeds]
        assert trial.intermediate_values[record.epochs] == pytest.approx(fmean(values))
        assert trial.user_attrs["accuracy of each seed at rungs"][str(record.epochs)] == values
        assert all(len(seed.curve) == record.epochs for seed in record.seeds)
    assert store.summarize(database, "pruned").counted == 14

    # The random sampler proposes the same to the same worker: who was kept is as without pruning.
    other = start(quick(name="whole", **content))
    work(other, fuse=2)
    whole = store.load_trials(database, other.stored.id)
    for record, same in zip(store.load_trials(database, opened.stored.id), whole, strict=True):
        assert record.setting == same.setting
        if record.state == "complete":
            for one, two in zip(record.seeds, same.seeds, strict=True):
                assert one.values == pytest.approx(two.values, abs=1e-6)


@on_sqlite
@pytest.mark.parametrize(
    ("content", "states_of_trials"),
    [
        ({"fixed": {"lr": 1e200}}, {"failed"}),  # every trial diverges
        ({"fixed": {"lr": 1e-30}}, {"complete"}),  # nothing is learned: all are alike
        ({"n_trials": 1}, {"complete"}),
    ],
)
def test_a_race_of_nothing_to_tell_apart_ends_well(
    content, states_of_trials, database, quick, start, work
):
    content = {"n_trials": 5, "epochs": 4} | content
    opened = start(quick(pruner="racing", controls=[], **content))
    assert work(opened, fuse=2) == content["n_trials"]
    records = store.load_trials(database, opened.stored.id)
    assert {record.state for record in records} == states_of_trials
    assert store.summarize(database, "s").live == 0


LR = {"low": 1e-5, "high": 1e-1, "log": True}


def test_each_setting_of_an_experiment_once_on_test(database, study, start, work):
    spec = study(
        kind="experiment",
        dataset="digits[per_class=40]",
        epochs=1,
        seeds=2,
        batch_size=32,
        settings=[{"loss": "softmax"}, {"loss": "arcface", "m2": [0.1, 0.5], "scale": [8, 16]}],
        fixed={"lr": 3e-3},
    )
    opened = start(spec)
    asked = []
    claimed = work(opened, fuse=2, stop=lambda: len(asked) > 20 or asked.append(0))
    assert 0 < claimed < 5
    opened = start(spec)
    assert claimed + work(opened, fuse=2) == 5
    assert work(start(spec)) == 0
    trials = opened.optuna_study().trials
    kept = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert sorted(trial.user_attrs[SETTING] for trial in kept) == list(range(5))
    assert not [t for t in trials if t.state in (TrialState.WAITING, TrialState.RUNNING)]
    for trial in kept:
        if trial.params["loss"] == "softmax":
            assert set(trial.params) == {"loss", "lr", "weight_decay"}
        else:
            assert set(trial.params) == {"loss", "m2", "scale", "lr", "weight_decay"}
    records = [r for r in store.load_trials(database, opened.stored.id) if r.state == "complete"]
    assert {record.setting for record in records} == set(spec.settings_list())
    size = len(opened.task.split.test)
    for record in records[:2]:
        accuracy, _ = plain_run(opened.spec, record.setting, 1, "test")
        assert record.seeds[1].values["accuracy"] == pytest.approx(accuracy, abs=1.01 / size)


def test_several_objectives(database, quick, start, work):
    names = ["compactness", "accuracy", "retrieval"]
    opened = start(quick(objectives=names, net="linear", n_trials=6))
    work(opened, fuse=6)
    assert [d.name.lower() for d in opened.optuna_study().directions] == [
        "minimize",
        "maximize",
        "maximize",
    ]
    records = store.load_trials(database, opened.stored.id)
    for trial, record in zip(opened.optuna_study().trials, records, strict=False):
        means = [fmean(seed.values[name] for seed in record.seeds) for name in names]
        assert trial.values == pytest.approx(means)
    best = {row.record.number for row in StudyResults.load(database, opened.stored).best}
    assert best == {trial.number for trial in opened.optuna_study().best_trials}


def test_stopping_hands_everything_back(database, quick, start, work):
    spec = quick(n_trials=4, epochs=50)
    opened = start(spec)
    asked = []
    assert work(opened, fuse=6, stop=lambda: len(asked) > 40 or asked.append(0)) == 0
    records = store.load_trials(database, opened.stored.id)
    assert [(r.number, r.state, r.cause) for r in records] == [
        (number, "failed", "interrupted") for number in range(4)
    ]
    assert states(opened) == [TrialState.FAIL] * 4 + [TrialState.WAITING] * 4
    assert store.held(database, opened.stored.id) == []
    assert store.summarize(database, "s").counted == 0
    opened = start(spec)
    assert work(opened) == 4 + 2
    trials = opened.optuna_study().trials
    assert len(trials) == 8
    for number, trial in enumerate(trials[4:]):
        assert trial.state == TrialState.COMPLETE
        assert trial.params == trials[number].params
        assert trial.user_attrs["retry_of"] == number


def test_a_result_of_a_worker_that_was_taken_for_lost_is_dropped(database, quick, start, work):
    opened = start(quick(n_trials=2, epochs=4, rungs=[1, 2], pruner="median", controls=[]))
    steps = []

    def stop():
        steps.append(0)
        if len(steps) == 3:  # in the middle of its training everything is taken from it
            for lease in store.held(database, opened.stored.id):
                store.record_trial(
                    database,
                    opened.stored.id,
                    store.TrialRecord(
                        opened.spec.setting(opened.optuna_study().trials[lease.number].params),
                        "failed",
                        number=lease.number,
                        cause=store.LOST,
                    ),
                    "validation",
                    lease.id,
                )
                opened.optuna_study().tell(lease.number, state=TrialState.FAIL)
        return False

    assert work(opened, fuse=2, stop=stop) == 2
    summary = store.summarize(database, "s")
    assert (summary.states["complete"], summary.states["lost"]) == (2, 2)
    assert sorted(state.name for state in states(opened)) == ["COMPLETE"] * 2 + ["FAIL"] * 2


def test_two_workers_never_share_a_sampler(database, quick, start):
    opened = start(quick())
    assert [opened.next_rank() for _ in range(3)] == [0, 1, 2]
    assert isinstance(opened.optuna_study().sampler, optuna.samplers.RandomSampler)


def test_a_long_search_keeps_what_more_trials_would_gain_up_to_date(
    quick, start, work, monkeypatch
):
    monkeypatch.setattr("sweeper.worker.settling._PATIENCE", 0.0)  # as if it had worked for long
    opened = start(quick(n_trials=4))
    work(opened)
    assert store.find_outlook(opened.database, opened.stored).trials == 4
