"""An array that goes on from a snapshot gives what it would have given undisturbed."""

import io
from dataclasses import astuple, replace
from statistics import fmean

import pytest
import torch

from sweeper.registry.setting import Setting
from sweeper.study.task import Task
from sweeper.training import Interrupted
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.batch.snapshot import Snapshot
from tests.support.plain_trial import PlainTrial

CPU = torch.device("cpu")
SETTINGS = [
    Setting("arcface", m2=0.2, scale=8.0, lr=1e-2),
    Setting.of("softmax", {"lr": 1e-2, "sigma2r.lambda": 0.1}),
    Setting("softmax", lr=1e200),  # leaves at once
    Setting("cosface", m3=0.1, scale=16.0, lr=1e-2),
    Setting.of("arcface", {"m2": 0.1, "lr": 1e-2, "center.lambda": 0.01}),
]
LABELS = ["a", "b", "wild", "c", "d"]


@pytest.fixture
def task(study):
    content = {"dataset": "digits[classes=0-4, per_class=30]", "net": "compact", "seeds": 3}
    return Task.load(study(**content, epochs=4, rungs=[1, 3], batch_size=16, n_trials=5))


@pytest.fixture
def data(task):
    data = task.training_data(CPU)
    exact = {"dtype": torch.float64, "autocast": False}
    return replace(data, mean=data.mean.double(), std=data.std.double(), **exact)


def train(task, data, settings=SETTINGS, labels=LABELS, pruned=(), at=None, **rest):
    """Train; return the outcomes and reports by label, and the snapshot after epoch `at`."""
    taken, reports = [], {}

    def on_epoch(epoch, snapshot):
        if epoch == at:
            taken.append(Snapshot.from_bytes(snapshot().to_bytes()))
            raise Interrupted

    trials = [
        PlainTrial(
            label,
            setting,
            task.spec,
            told=lambda trial, epoch, value: reports.update({(trial.label, epoch): value}),
            prunes=lambda trial: trial.label in pruned,
        )
        for label, setting in zip(labels, settings, strict=True)
    ]
    outcomes = {}
    try:
        for trial, outcome in BatchTrainer(data, trials, on_epoch=on_epoch, **rest).results():
            outcomes[trial.label] = outcome
    except Interrupted:
        pass
    return outcomes, reports, taken


def numbers(outcome):
    """All that was measured of an outcome, times left out."""
    return (outcome.state, outcome.epochs, outcome.cause), [
        [
            *sorted(seed.values.items()),
            *(epoch for epoch in map(astuple, seed.curve)),
            *(of for of in map(astuple, seed.classes)),
        ]
        for seed in outcome.seeds
    ]


def agree(one, two):
    (said, ours), (heard, theirs) = numbers(one), numbers(two)
    assert said == heard
    for mine, yours in zip(ours, theirs, strict=True):
        for a, b in zip(flat(mine), flat(yours), strict=True):
            assert a == pytest.approx(b, abs=1e-9, rel=1e-9, nan_ok=True)


def flat(value):
    if isinstance(value, dict):
        yield from flat([part for named in value.items() for part in named])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from flat(part)
    elif not isinstance(value, str):
        yield value


@pytest.mark.parametrize("at", [1, 2, 3])
def test_it_goes_on_as_if_nothing_had_been(at, task, data):
    undisturbed, reports, _ = train(task, data)
    before, early, (snapshot,) = train(task, data, at=at)
    assert set(before) == {"wild"}
    assert snapshot.epoch == at
    assert snapshot.labels == ("a", "b", "c", "d")
    settings = [SETTINGS[LABELS.index(label)] for label in snapshot.labels]
    after, late, _ = train(task, data, settings, snapshot.labels, resumed=snapshot)
    assert set(after) == {"a", "b", "c", "d"}
    for label, outcome in after.items():
        agree(undisturbed[label], outcome)
    assert (early | late).keys() == reports.keys()
    for place, label in enumerate(snapshot.labels):
        told = {epoch: value for (of, epoch), value in early.items() if of == label}
        means = {epoch: fmean(values) for epoch, values in snapshot.reports[place].items()}
        assert means == pytest.approx(told)


def test_some_of_it_go_on_alone_and_again(task, data):
    """Others have the rest by now; and what goes on is interrupted once more."""
    undisturbed, _, _ = train(task, data)
    _, _, (first,) = train(task, data, at=1)
    mine = [SETTINGS[1], SETTINGS[4]]
    none, _, (second,) = train(task, data, mine, ["b", "d"], at=2, resumed=first)
    assert none == {}
    assert second.labels == ("b", "d")
    outcomes, _, _ = train(task, data, mine[1:], ["d"], resumed=second)
    agree(undisturbed["d"], outcomes["d"])
    outcomes, _, _ = train(task, data, mine[:1], ["b"], resumed=second)
    agree(undisturbed["b"], outcomes["b"])


def test_with_those_that_were_pruned_before(task, data):
    undisturbed, _, _ = train(task, data, pruned=("c",))
    _, _, (snapshot,) = train(task, data, pruned=("c",), at=2)
    assert snapshot.labels == ("a", "b", "d")
    settings = [SETTINGS[LABELS.index(label)] for label in snapshot.labels]
    outcomes, _, _ = train(task, data, settings, snapshot.labels, resumed=snapshot)
    for label in snapshot.labels:
        agree(undisturbed[label], outcomes[label])


def test_the_time_before_counts(task, data):
    _, _, (snapshot,) = train(task, data, at=2)
    settings = [SETTINGS[LABELS.index(label)] for label in snapshot.labels]
    longer = replace(snapshot, seconds=1000.0)
    outcomes, _, _ = train(task, data, settings, snapshot.labels, resumed=longer)
    assert all(1000 < outcome.seconds < 1100 for outcome in outcomes.values())


def test_its_size_is_about_that_of_its_bytes(task, data):
    _, _, (snapshot,) = train(task, data, at=2)
    assert snapshot.size() < len(snapshot.to_bytes()) < 1.3 * snapshot.size()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_what_is_no_snapshot(content):
    with pytest.raises(ValueError, match="no snapshot"):
        Snapshot.from_bytes(content)


def test_half_a_snapshot(task, data):
    _, _, (snapshot,) = train(task, data, at=1)
    content = snapshot.to_bytes()
    with pytest.raises(ValueError, match="no snapshot"):
        Snapshot.from_bytes(content[: len(content) // 2])


def test_a_snapshot_of_a_version_before_is_not_gone_on_from(task, data):
    """Names of losses and of what they hold have changed since."""
    _, _, (snapshot,) = train(task, data, at=1)
    content = torch.load(io.BytesIO(snapshot.to_bytes()), weights_only=True)
    before = io.BytesIO()
    torch.save({**content, "format": "sweeper snapshot 1"}, before)
    with pytest.raises(ValueError, match="no snapshot of this version"):
        Snapshot.from_bytes(before.getvalue())
