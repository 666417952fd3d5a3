"""Trials of several studies in one array: each as it would be in an array of its own study."""

from dataclasses import replace

import pytest
import torch

from sweeper import store
from sweeper.errors import UsageError
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.study_worker import StudyWorker

CPU = torch.device("cpu")
EXPERIMENT = {"kind": "experiment", "settings": [{"loss": "arcface", "m2": [0.1, 0.5], "scale": 8}]}


@pytest.fixture
def studies(quick, start):
    """Two searches that differ in space, sampler, pruning and objective."""
    one = quick(name="one", n_trials=4, net="linear", epochs=4, controls=["softmax"])
    two = quick(
        name="two",
        n_trials=3,
        net="linear",
        epochs=4,
        sampler="tpe",
        loss="cosface",
        space={"m3": {"low": 0.0, "high": 0.3}},
        objectives=["compactness"],
        pruner="median",
        rungs=[1, 2],
        controls=[],
    )
    return lambda suffix="": [
        start(spec.model_copy(update={"name": spec.name + suffix})) for spec in (one, two)
    ]


def work(opened, *beside, **options):
    worker = StudyWorker(opened, CPU, beside=beside, **options)
    data = worker.data
    exact = {"dtype": torch.float64, "autocast": False}
    worker.data = replace(data, mean=data.mean.double(), std=data.std.double(), **exact)
    return worker.work()


def values(opened):
    return {
        record.setting: [seed.values for seed in record.seeds]
        for record in store.load_trials(opened.database, opened.stored.id)
        if record.state == "complete"
    }


def test_one_array_for_two_studies(studies, monkeypatch):
    arrays = []
    results = BatchTrainer.results

    def seen(self):
        arrays.append({trial.spec.name for trial in self.trials})
        return results(self)

    monkeypatch.setattr(BatchTrainer, "results", seen)
    one, two = studies()
    assert work(one, two, fuse=8) == 4 + 1 + 3
    assert arrays == [{"one", "two"}]
    for opened, n_trials in ((one, 4), (two, 3)):
        summary = store.summarize(opened.database, opened.stored.name)
        assert (summary.counted, summary.live) == (n_trials, 0)
    alone, other = studies(" alone")
    work(alone, fuse=8)
    work(other, fuse=8)
    assert values(one).keys() == values(alone).keys()
    for setting, seeds in values(one).items():
        for mine, theirs in zip(seeds, values(alone)[setting], strict=True):
            assert {name: mine[name] for name in theirs} == pytest.approx(theirs, abs=1e-9)
    trials = two.optuna_study().trials
    assert {value for trial in trials for value in trial.intermediate_values} == {1, 2}
    assert not any(trial.intermediate_values for trial in one.optuna_study().trials)
    records = store.load_trials(two.database, two.stored.id)
    assert {record.state for record in records} <= {"complete", "pruned"}
    for trial, record in zip(trials, records, strict=True):
        if record.state == "complete":
            of_seeds = [seed.values["compactness"] for seed in record.seeds]
            assert trial.value == pytest.approx(sum(of_seeds) / len(of_seeds))


def test_the_second_study_fills_what_the_first_leaves(studies):
    one, two = studies()
    assert work(one, two, fuse=2) == 8
    assert {len(values(one)), len(values(two))} <= {5, 3, 2, 1}


def test_an_array_of_two_studies_goes_on_from_its_checkpoint(studies):
    one, two = studies()
    asked = []

    def leave():
        asked.append(0)
        return len(asked) >= 4

    assert work(one, two, fuse=8, leave=leave) == 0
    labels = [f"{study.stored.id}/{number}" for study in (one, two) for number in range(3)]
    found = store.find_checkpoints(one.database, labels)
    assert set(found) == set(labels)
    assert len(set(found.values())) == 1
    assert work(one, two, fuse=8) == 8
    assert store.find_checkpoints(one.database, labels) == {}
    alone, _ = studies(" alone")
    work(alone, fuse=8)
    for setting, seeds in values(one).items():
        for mine, theirs in zip(seeds, values(alone)[setting], strict=True):
            assert {name: mine[name] for name in theirs} == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"epochs": 3}, "epochs is 4 in one and 3 in the other"),
        ({"seeds": 3}, "seeds is 2 in one and 3 in the other"),
        ({"net": "mlp"}, "net is linear in one and mlp in the other"),
        ({"seed": 5}, "the split is "),
        ({"objectives": ["retrieval"]}, "the split is "),
        (EXPERIMENT, "what is measured is validation in one and test in the other"),
    ],
)
def test_studies_that_do_not_agree(change, what, studies, quick, start):
    one, _ = studies()
    other = start(quick(**{"name": "other", "net": "linear", "epochs": 4, "seeds": 2} | change))
    with pytest.raises(UsageError) as raised:
        StudyWorker(one, CPU, beside=[other])
    message = str(raised.value)
    assert message.startswith("studies 'one' and 'other' cannot be trained together: ")
    assert what in message
    assert "\n" not in message
