"""Whatever moment a worker dies at, the next one finds out and goes on."""

import subprocess
import sys
from dataclasses import replace

import pytest
from optuna.trial import TrialState
from sqlalchemy import text

from sweeper import store
from sweeper.store import SeedRecord, TrialRecord, WorkerIdentity
from sweeper.worker.batch.trial_result import TrialResult
from sweeper.worker.queue.recovery import recover
from sweeper.worker.queue.repeating import queue_copy, repeat
from sweeper.worker.queue.trial_queue import TrialQueue


@pytest.fixture(scope="module")
def dead() -> WorkerIdentity:
    """A worker of this machine whose process is gone."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return replace(WorkerIdentity.here(), pid=process.pid)


@pytest.fixture
def opened(quick, start):
    return start(quick(n_trials=3, controls=["softmax"]))


@pytest.fixture
def optuna_study(opened):
    return opened.optuna_study()


def whole(opened, study, work, lost):
    """What must be so in the end: the budget exact, nothing open, nothing queued for nobody."""
    work(opened)
    summary = store.summarize(opened.database, "s")
    assert (summary.counted, summary.live) == (3, 0)
    assert summary.states["lost"] == lost
    assert store.held(opened.database, opened.stored.id) == []
    assert not study.get_trials(states=(TrialState.RUNNING, TrialState.WAITING))
    controls = [r for r in store.load_trials(opened.database, opened.stored.id) if r.control]
    assert [control.state for control in controls] == ["complete"]


def test_nothing_to_mend(opened, optuna_study, work):
    assert recover(opened, optuna_study) == 0
    TrialQueue(opened, WorkerIdentity.here()).take(3)
    assert recover(opened, optuna_study) == 0
    assert len(store.held(opened.database, opened.stored.id)) == 3


def test_lost_while_training(opened, optuna_study, work, dead):
    taken = TrialQueue(opened, dead).take(3)
    assert recover(opened, optuna_study) == 2
    assert recover(opened, optuna_study) == 0
    lost = store.load_trials(opened.database, opened.stored.id)
    cause = f"killed: process {dead.pid} of {dead.machine}"
    assert [(r.number, r.state, r.cause) for r in lost] == [
        (0, "failed", cause),
        (1, "failed", cause),
    ]
    whole(opened, optuna_study, work, lost=2)
    records = store.load_trials(opened.database, opened.stored.id)
    retried = [r.setting for r in records if r.state == "complete" and r.number is not None]
    assert {held.setting for held in taken[1:]} <= set(retried)


def test_one_that_takes_worker_after_worker_with_it_is_given_up(opened, optuna_study, work, dead):
    numbers = [TrialQueue(opened, dead).take(2)[1].trial.number]
    settings = set()
    for losses in (1, 2, 3):
        assert recover(opened, optuna_study) == 1
        records = {r.number: r for r in store.load_trials(opened.database, opened.stored.id)}
        record = records[numbers[-1]]
        settings.add(record.setting)
        if losses < 3:
            assert store.kind_of(record.cause) == store.KILLED
            numbers += [
                held.trial.number for held in TrialQueue(opened, dead).take(2) if held.trial
            ]
        else:
            killed = f"killed: process {dead.pid} of {dead.machine}"
            assert record.cause == f"given up: after 3 tries, the last one {killed}"
    assert len(numbers) == 3
    assert len(settings) == 1
    assert optuna_study.trials[numbers[-1]].state == TrialState.FAIL
    whole(opened, optuna_study, work, lost=2)


def test_handing_back_is_no_loss(opened, optuna_study, work):
    for _ in range(4):
        held = TrialQueue(opened, WorkerIdentity.here()).take(2)
        for one in held:
            one.give_back(store.INTERRUPTED)
    whole(opened, optuna_study, work, lost=4)


def test_lost_after_reserving(opened, optuna_study, work, dead):
    store.reserve(opened.database, opened.stored.id, 2, 3, dead)
    assert recover(opened, optuna_study) == 0
    whole(opened, optuna_study, work, lost=0)


def test_lost_between_asking_and_its_lease(opened, optuna_study, work, dead):
    store.reserve(opened.database, opened.stored.id, 1, 3, dead)
    optuna_study.ask()
    assert recover(opened, optuna_study) == 1
    whole(opened, optuna_study, work, lost=1)


def test_lost_after_queueing_the_copy(opened, optuna_study, work, dead):
    TrialQueue(opened, dead).take(2)
    queue_copy(opened, optuna_study, 0)  # and there the one who handed it back died
    whole(opened, optuna_study, work, lost=1)


def test_lost_between_our_tables_and_optunas(opened, optuna_study, work, dead):
    TrialQueue(opened, dead).take(2)
    (lease,) = [held for held in store.held(opened.database, opened.stored.id) if held.number == 0]
    seeds = (SeedRecord(0, {"accuracy": 0.25}), SeedRecord(1, {"accuracy": 0.75}))
    setting = opened.spec.setting(optuna_study.trials[0].params)
    record = TrialRecord(setting, "complete", number=0, epochs=2, seeds=seeds)
    store.record_trial(opened.database, opened.stored.id, record, "validation", lease.id)
    assert optuna_study.trials[0].state == TrialState.RUNNING
    assert recover(opened, optuna_study) == 0
    assert optuna_study.trials[0].state == TrialState.COMPLETE
    assert optuna_study.trials[0].value == 0.5
    assert optuna_study.trials[0].user_attrs["accuracy of each seed"] == [0.25, 0.75]
    whole(opened, optuna_study, work, lost=0)


def test_lost_between_the_record_of_the_loss_and_optuna(opened, optuna_study, work, dead):
    TrialQueue(opened, dead).take(2)
    (lease,) = [held for held in store.held(opened.database, opened.stored.id) if held.number == 0]
    queue_copy(opened, optuna_study, 0)
    record = TrialRecord(
        opened.spec.setting(optuna_study.trials[0].params), "failed", number=0, cause=store.LOST
    )
    store.record_trial(opened.database, opened.stored.id, record, "validation", lease.id)
    whole(opened, optuna_study, work, lost=1)


def test_one_that_asks_at_this_moment_is_left_alone(opened, optuna_study):
    store.reserve(opened.database, opened.stored.id, 1, 3, WorkerIdentity.here())
    optuna_study.ask()
    assert recover(opened, optuna_study) == 0
    assert optuna_study.trials[0].state == TrialState.RUNNING


def test_an_experiment_loses_no_setting(quick, start, work, dead):
    settings = [
        {"loss": ["softmax", "normalized-softmax"]},
        {"loss": "softmax", "beside": ["center"]},
    ]
    opened = start(quick(kind="experiment", settings=settings))
    study = opened.optuna_study()
    TrialQueue(opened, dead).take(2)
    study.ask()  # and one that was asked for and got no lease
    assert work(opened) == 3
    records = store.load_trials(opened.database, opened.stored.id)
    complete = [record.setting for record in records if record.state == "complete"]
    assert set(complete) == set(opened.spec.settings_list())
    assert len(complete) == 3
    assert store.summarize(opened.database, "s").states["lost"] == 3


def test_a_worker_that_hands_in_at_the_last_moment_is_not_repeated(opened, optuna_study, dead):
    """The reaper has read its lease as one that ran out; it thaws before that is told."""
    (_, held) = TrialQueue(opened, WorkerIdentity.here()).take(2)
    (lease,) = [one for one in store.held(opened.database, opened.stored.id) if one.number == 0]
    seeds = (SeedRecord(0, {"accuracy": 0.25}), SeedRecord(1, {"accuracy": 0.75}))
    assert held.hand_in(TrialResult("complete", 2, 1.0, seeds=seeds), "cpu")
    record = held.failure(store.LOST)
    assert not repeat(opened, optuna_study, record, lease.id, only_if_lost=True)
    assert [trial.state for trial in optuna_study.trials] == [TrialState.COMPLETE]


def test_a_worker_that_thaws_in_the_middle_of_being_lost_comes_too_late(
    opened, optuna_study, work, dead, monkeypatch
):
    """The reaper dies after it has queued the copy, and before the loss is stored."""
    (_, held) = TrialQueue(opened, dead).take(2)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sweeper.worker.queue.repeating.store_result", die)
        with pytest.raises(KeyboardInterrupt):
            recover(opened, optuna_study)
    seeds = (SeedRecord(0, {"accuracy": 0.25}), SeedRecord(1, {"accuracy": 0.75}))
    assert not held.hand_in(TrialResult("complete", 2, 1.0, seeds=seeds), "cpu")
    (lease,) = [one for one in store.held(opened.database, opened.stored.id) if one.number == 0]
    assert lease.id != held.lease
    with opened.database.session() as session:  # the reaper is gone, too
        session.execute(text(f"UPDATE sweeper_leases SET pid = {dead.pid} WHERE id = {lease.id}"))
    whole(opened, optuna_study, work, lost=1)


def test_one_that_is_alive_after_all_is_left_alone(opened, optuna_study):
    (_, held) = TrialQueue(opened, WorkerIdentity.here()).take(2)
    record = held.failure(store.LOST)
    assert not repeat(opened, optuna_study, record, held.lease, only_if_lost=True)
    assert [trial.state for trial in optuna_study.trials] == [TrialState.RUNNING]


def test_what_was_given_up_is_not_queued_by_its_late_owner(opened, optuna_study, work, dead):
    late = []
    for _ in range(3):
        late += [one for one in TrialQueue(opened, dead).take(2) if one.trial]
        recover(opened, optuna_study)
    for one in late:
        one.give_back(store.INTERRUPTED)
    whole(opened, optuna_study, work, lost=2)


def test_neighbors_of_one_that_kills_are_trained(opened, optuna_study, work, dead):
    """Whatever was lost twice is trained alone, and given up for its own failure only."""
    for size in (3, 3, 1):
        taken = [one for one in TrialQueue(opened, dead).take(4) if one.trial]
        assert len(taken) == size
        assert all(one.is_suspect for one in taken) == (size == 1)
        recover(opened, optuna_study)
    summary = store.summarize(opened.database, "s")
    assert summary.states["failed"] == 1
    assert summary.causes["given up"] == 1
    whole(opened, optuna_study, work, lost=6)
