"""One array from its first epoch to its last: who leaves, and that nobody else notices."""

import math

import pytest
import torch

from sweeper.registry.setting import Setting
from sweeper.study.task import Task
from sweeper.training import Interrupted
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.batch.trial_array import TrialArray
from tests.support.plain_trial import PlainTrial

CPU = torch.device("cpu")
SETTINGS = [
    Setting("arcface", m2=0.2, scale=8.0, lr=1e-2),
    Setting("softmax", lr=1e-2),
    Setting("cosface", m3=0.1, scale=16.0, lr=1e-2),
]


@pytest.fixture
def task(quick):
    return Task.load(quick(net="mlp", epochs=4, rungs=[1, 3], seeds=3))


def train(task, settings=SETTINGS, report=None, should_prune=None, **rest):
    """Train settings together; return their results by their place in the list."""
    calls = {"told": report, "prunes": should_prune}
    calls = {name: call for name, call in calls.items() if call}
    trials = [PlainTrial(str(n), one, task.spec, **calls) for n, one in enumerate(settings)]
    trainer = BatchTrainer(task.training_data(CPU), trials, **rest)
    return {int(trial.label): result for trial, result in trainer.results()}


def test_every_seed_has_its_curve_and_its_classes(task):
    for outcome in train(task).values():
        assert (outcome.state, outcome.epochs, outcome.cause) == ("complete", 4, None)
        assert outcome.seconds > 0
        assert [seed.seed for seed in outcome.seeds] == [0, 1, 2]
        for seed in outcome.seeds:
            assert [record.epoch for record in seed.curve] == [1, 2, 3, 4]
            assert seed.curve[-1].train_loss < seed.curve[0].train_loss
            assert len(seed.classes) == 7


@pytest.mark.parametrize(("place", "epoch"), [(0, 1), (1, 3), (2, 1)])
def test_who_is_pruned_leaves_and_the_others_do_not_notice(place, epoch, task):
    reported, asked = [], []

    def report(trial, at, value):
        reported.append((at, value, int(trial.label)))

    def should_prune(trial):
        one, at = int(trial.label), reported[-1][0]
        asked.append((one, at))
        assert len([each for each in reported if each[0] == at]) == (3 if at <= epoch else 2)
        return (one, at) == (place, epoch)

    whole, pruned = train(task), train(task, report=report, should_prune=should_prune)
    expected = [(one, at) for at in (1, 3) for one in range(3) if one != place or at <= epoch]
    assert sorted(asked) == sorted(expected)
    for at in (1, 3):  # the better first, whatever their places
        values = [value for when, value, _ in reported if when == at]
        assert values == pytest.approx(sorted(values, reverse=True), abs=1e-6)
    assert (pruned[place].state, pruned[place].epochs) == ("pruned", epoch)
    for seed in pruned[place].seeds:
        assert seed.values["accuracy"] == pytest.approx(seed.curve[-1].accuracy)
        assert len(seed.curve) == epoch
    for other in {0, 1, 2} - {place}:
        for mine, theirs in zip(pruned[other].seeds, whole[other].seeds, strict=True):
            assert mine.values == pytest.approx(theirs.values, abs=1e-6)
            for one, two in zip(mine.curve, theirs.curve, strict=True):
                assert one.train_loss == pytest.approx(two.train_loss, rel=1e-4)


def test_all_may_be_pruned(task):
    outcomes = train(task, should_prune=lambda trial: True)
    assert [outcome.state for outcome in outcomes.values()] == ["pruned"] * 3


@pytest.mark.parametrize("epochs", [1, 4])
def test_who_diverges_fails_alone(epochs, study):
    spec = study(dataset="digits[per_class=10]", epochs=epochs, seeds=2, batch_size=16)
    task = Task.load(spec)
    wild = Setting("softmax", lr=1e30)
    alone = train(task, SETTINGS[:2])
    beside = train(task, [SETTINGS[0], wild, SETTINGS[1]])
    failed = beside[1]
    assert failed.state == "failed"
    assert failed.cause.startswith("non-finite: ")
    assert [len(seed.curve) for seed in failed.seeds] == [failed.epochs] * 2
    assert all(seed.values == {} for seed in failed.seeds)
    for one, two in zip((alone[0], alone[1]), (beside[0], beside[2]), strict=True):
        assert two.state == "complete"
        for mine, theirs in zip(one.seeds, two.seeds, strict=True):
            assert mine.values == pytest.approx(theirs.values, abs=1e-6)
            assert math.isfinite(theirs.curve[-1].train_loss)


def test_weights_that_break_in_the_last_step_are_a_failure(quick):
    """The last loss is still finite: what is measured afterwards tells."""
    task = Task.load(quick(net="mlp", epochs=1, batch_size=1000, seeds=2))
    (outcome,) = train(task, [Setting("softmax", lr=1e38)]).values()
    assert outcome.state == "failed"
    assert outcome.cause == "non-finite: the embeddings after epoch 1 with seed 0, 1"
    assert all(math.isfinite(seed.curve[0].train_loss) for seed in outcome.seeds)


def test_stop_is_asked_before_each_step(task):
    epochs = []
    asked = []

    def stop():
        asked.append(0)
        return len(asked) == 9

    with pytest.raises(Interrupted):
        train(task, stop=stop, on_epoch=lambda epoch, snapshot: epochs.append(epoch))
    steps = len(task.split.train) // task.spec.batch_size
    assert len(epochs) == 8 // steps


def test_on_a_card_losses_are_read_at_rungs(quick, monkeypatch):
    """Nothing waits for the device in between; what comes out is the same."""
    task = Task.load(quick(net="mlp", epochs=7, rungs=[2, 5], seeds=2, precision="float32"))
    wild = Setting("softmax", lr=1e30)
    settings = [SETTINGS[0], wild, SETTINGS[1]]
    usual = train(task, settings)
    read, reading = [], TrialArray.read

    def seen(self):
        read.append(len(self._unread))
        return reading(self)

    monkeypatch.setattr("sweeper.worker.batch.batch_trainer._AT_ONCE", ())
    monkeypatch.setattr(TrialArray, "read", seen)
    late = train(task, settings)
    assert read == [2, 3, 2]
    for place, one in usual.items():
        other = late[place]
        assert (one.state, one.epochs, one.cause) == (other.state, other.epochs, other.cause)
        for mine, theirs in zip(one.seeds, other.seeds, strict=True):
            assert mine.values == pytest.approx(theirs.values, abs=1e-6)
            assert [of.epoch for of in mine.curve] == [of.epoch for of in theirs.curve]
            losses = [[of.train_loss for of in seed.curve] for seed in (mine, theirs)]
            assert losses[0] == pytest.approx(losses[1], rel=1e-5, nan_ok=True)
