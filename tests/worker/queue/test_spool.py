"""Results that the database could not take: a real server refuses all connections for a while."""

import contextlib
import hashlib
import json
import math
import threading
import time
from dataclasses import replace

import pytest
import torch
from optuna.trial import TrialState
from sqlalchemy import text

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import ClassRecord, EpochRecord, SeedRecord, TrialRecord, WorkerIdentity
from sweeper.study.open_study import create_or_resume
from sweeper.study.task import Task
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.queue import spool
from sweeper.worker.queue.recovery import recover
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.study_worker import StudyWorker

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "sweeper" / "spool"


@pytest.fixture
def opened(postgres_url, quick):
    spec = quick(n_trials=3, controls=["softmax"], epochs=3, rungs=[2], pruner="none")
    with store.open_database(postgres_url, create=True) as database:
        yield create_or_resume(database, Task.load(spec))[0]


@pytest.fixture
def trained(opened):
    """Two trials of a worker, and how they ended; nothing of it is handed in."""
    taken = TrialQueue(opened, WorkerIdentity.here()).take(2)
    data = opened.task.training_data(CPU)
    return list(BatchTrainer(data, taken).results())


def is_whole(opened, lost=0):
    summary = store.summarize(opened.database, "s")
    assert (summary.counted, summary.controls, summary.live) == (3, 1, 0)
    assert summary.states["lost"] == lost
    trials = opened.optuna_study().trials
    assert not [t for t in trials if t.state in (TrialState.RUNNING, TrialState.WAITING)]
    assert len([t for t in trials if t.state == TrialState.COMPLETE]) == 3
    return True


def test_a_worker_waits_and_its_results_with_it(opened, away, folder):
    """The database goes in the last epoch, and is back a while after there was a result."""
    steps, seen = [], []
    gone = contextlib.ExitStack()
    per_epoch = math.ceil(len(opened.task.split.train) / opened.spec.batch_size)

    def back():
        last = time.monotonic() + 60
        while not list(folder.glob("*")) and time.monotonic() < last:
            time.sleep(0.05)
        time.sleep(1.0)
        seen.extend(file.name for file in folder.glob("*"))
        gone.close()

    def stop():
        steps.append(0)
        if len(steps) == 3 * per_epoch:
            gone.enter_context(away())
            threading.Thread(target=back).start()
        return False

    with opened.database.timeout(60):
        assert StudyWorker(opened, CPU, fuse=4, stop=stop).work() == 4
    assert len(seen) == 1  # the first of them; the others follow when it is told
    assert list(folder.glob("*")) == []
    assert is_whole(opened)


def test_what_a_dead_worker_left_is_stored_by_the_next(opened, trained, away, folder):
    with away(), opened.database.timeout(0.5):
        for one, outcome in trained:
            with pytest.raises(SweeperError):
                one.hand_in(outcome, "cpu")
    kept = list(folder.glob("*.json"))
    assert len(kept) == 2
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert store.summarize(opened.database, "s").counted == 0
    assert recover(opened, opened.optuna_study()) == 0
    assert list(folder.glob("*")) == []
    records = store.load_trials(opened.database, opened.stored.id)
    assert [record.control for record in records] == [None, "softmax"]
    for record, (_, outcome) in zip(reversed(records), trained, strict=True):
        assert [seed.values for seed in record.seeds] == [seed.values for seed in outcome.seeds]
        assert [seed.curve for seed in record.seeds] == [seed.curve for seed in outcome.seeds]
        assert [seed.classes for seed in record.seeds] == [seed.classes for seed in outcome.seeds]
    assert opened.optuna_study().trials[0].state == TrialState.COMPLETE
    StudyWorker(opened, CPU).work()
    assert is_whole(opened)


@pytest.mark.parametrize("once", [False, True])
def test_what_waits_is_found_under_a_new_name_and_in_files_of_before(start, quick, folder, once):
    """Files once went by the name of the study; now they go by its id."""
    opened = start(quick(n_trials=1, controls=[]))
    (trial,) = TrialQueue(opened, WorkerIdentity.here()).take(1)
    file = spool.keep(opened, trial.failure("interrupted"), trial.lease)
    if once:
        name = f"{opened.database.name}\n{opened.stored.name}"
        prefix = hashlib.sha256(name.encode()).hexdigest()[:16]
        file.rename(folder / f"{prefix}-{trial.lease:x}.json")
    else:
        opened = replace(opened, stored=replace(opened.stored, name="new"))
        with opened.database.session() as session:
            for table, column in (("sweeper_studies", "name"), ("studies", "study_name")):
                session.execute(text(f"UPDATE {table} SET {column} = 'new'"))
    assert [each.lease for each in spool.waiting(opened)] == [trial.lease]
    assert recover(opened, opened.optuna_study()) == 0
    assert list(folder.glob("*")) == []
    assert store.load_summary(opened.database, opened.stored.id).causes == {"interrupted": 1}


def test_nothing_is_told_twice(opened, trained, away, folder, timed):
    """The lease ran out meanwhile, and others have the trial: what waited here is dropped."""
    one, outcome = trained[1]
    with away(), opened.database.timeout(0.5), pytest.raises(SweeperError):
        one.hand_in(outcome, "cpu")
    held = folder.rename(folder.with_name("elsewhere"))  # by a machine that is out of reach
    with opened.database.session() as session:
        session.execute(text("UPDATE sweeper_leases SET until = since, host = 'far'"))
    # Another worker, which never found the database out of reach.
    assert StudyWorker(replace(opened, database=timed(opened.database)), CPU).work() == 4
    assert is_whole(opened, lost=1)
    before = store.load_trials(opened.database, opened.stored.id)
    held.rename(folder)
    assert recover(opened, opened.optuna_study()) == 0
    assert store.load_trials(opened.database, opened.stored.id) == before
    assert list(folder.glob("*")) == []


def test_a_worker_that_gives_up_says_so_when_the_database_is_back(opened, away, folder):
    """It goes at a rung, for longer than the worker waits."""
    steps = []
    gone = contextlib.ExitStack()
    per_epoch = math.ceil(len(opened.task.split.train) / opened.spec.batch_size)

    def stop():
        steps.append(0)
        if len(steps) == 2 * per_epoch:
            gone.enter_context(away())
        return False

    with (
        pytest.raises(SweeperError),
        opened.database.timeout(0.5),
        store.explain_errors("the database"),
    ):
        StudyWorker(opened, CPU, fuse=4, stop=stop).work()
    assert len(list(folder.glob("*.json"))) == 4
    gone.close()
    StudyWorker(opened, CPU).work()
    assert is_whole(opened, lost=3)
    assert store.summarize(opened.database, "s").causes == {"database gone": 3}
    assert list(folder.glob("*")) == []


def test_without_a_place_to_write_the_result_waits_in_the_process(
    opened, trained, away, folder, caplog
):
    folder.parent.mkdir(parents=True)
    folder.touch()  # no folder can be made there
    one, outcome = trained[1]
    gone = contextlib.ExitStack()
    gone.enter_context(away())
    threading.Timer(2.0, gone.close).start()
    with opened.database.timeout(60):
        assert one.hand_in(outcome, "cpu")
    assert "a result waits for the database in this process alone: " in caplog.text
    assert opened.optuna_study().trials[0].state == TrialState.COMPLETE


def test_a_record_comes_out_as_it_went_in(opened, folder):
    setting = opened.spec.control_settings()["softmax"]
    seed = SeedRecord(
        3,
        {"accuracy": 0.5, "retrieval": math.inf},
        (
            EpochRecord(1, math.inf, None, {"sigma2r.growth": (0.1, 0.2)}),
            EpochRecord(2, 1e-300, 0.25),
        ),
        (ClassRecord(0, 0.5, 0.25, 0.125), ClassRecord(1, 1.0, 2.0, 3.0)),
        ((0, 1, 2), (1, 1, 5)),
    )
    more = replace(setting, loss="arcface", m2=0.5, options=(("center.lambda", 0.1),))
    record = TrialRecord(more, "pruned", 7, None, "why: not", 2, 1.5, "cuda:0", (seed,))
    file = spool.keep(opened, record, 2**61 + 1)
    (waiting,) = spool.waiting(opened)
    assert waiting == spool.Waiting(file, record, 2**61 + 1)
    assert "secret" not in file.read_text()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"lease": 1, "record": {"setting": 3}}'])
def test_a_file_that_is_no_result_is_passed_over(content, opened, folder, caplog):
    record = TrialRecord(opened.spec.control_settings()["softmax"], "complete", 7)
    spool.keep(opened, record, 1).write_text(content)
    assert list(spool.waiting(opened)) == []
    assert "is no result that waits for the database" in caplog.text


def test_other_studies_and_databases_are_left_alone(opened, folder):
    record = TrialRecord(opened.spec.control_settings()["softmax"], "complete", 7)
    spool.keep(opened, record, 1)
    stored = opened.stored
    other = replace(opened, stored=replace(stored, id=stored.id + 1, name="other"))
    assert list(spool.waiting(other)) == []
    assert len(list(spool.waiting(opened))) == 1


def test_a_file_of_version_0004_is_read_with_the_names_of_now(opened, folder):
    growth = {"epoch": 1, "train_loss": 0.5, "accuracy": None, "growth": [0.25, 2.0]}
    none = {"epoch": 2, "train_loss": 0.25, "accuracy": 0.5, "growth": []}
    values = {"seed": 0, "values": {"accuracy": 0.5}, "classes": [], "confusion": []}
    margins = {"m1": 1.0, "m2": 0.0, "m3": 0.0, "scale": 16.0, "lr": 0.01, "weight_decay": 0.0}
    more = [["subcentres", 2.0], ["sigma2r.n_neighbours", 3.0]]
    record = {
        "setting": {"loss": "normalised-softmax", **margins, "more": more},
        "state": "failed",
        "number": None,
        "control": "normalised-softmax",
        "cause": "pre-empted",
        "epochs": 2,
        "seconds": 1.5,
        "device": "cpu",
        "seeds": [{**values, "curve": [growth, none]}],
    }
    control = TrialRecord(opened.spec.control_settings()["softmax"], "complete", control="softmax")
    file = spool.keep(opened, control, 1)
    file.write_text(json.dumps({"lease": 1, "record": record}))
    (waiting,) = spool.waiting(opened)
    own = {"scale": 16.0, "lr": 0.01, "subcenters": 2, "sigma2r.n_neighbors": 3}
    assert waiting.record.setting == Setting.of("normalized-softmax", own)
    assert (waiting.record.control, waiting.record.cause) == ("normalized-softmax", "preempted")
    assert waiting.record.seeds[0].curve == (
        EpochRecord(1, 0.5, None, {"sigma2r.growth": (0.25, 2.0)}),
        EpochRecord(2, 0.25, 0.5),
    )
