"""Who is at work: by worker and study, how fast, and whether it is lost."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sweeper.store import WorkerIdentity, assign, claim_control, create_study, note_epochs, reserve
from sweeper.store.database.tables import LeaseRow
from sweeper.store.queue.active_workers import active_workers


def put_back(database, seconds):
    """Let all leases have been taken so many seconds ago."""

    def action(session):
        for lease in session.query(LeaseRow):
            lease.since -= timedelta(seconds=seconds)
            lease.until -= timedelta(seconds=seconds)

    database.transact(action)


def test_nobody(database):
    assert active_workers(database) == []


def test_workers_of_several_studies(database, study, study_record):
    other = create_study(database, replace(study_record, name="another", optuna_study_id=8))
    one, two = WorkerIdentity.here(), WorkerIdentity.here()
    leases = reserve(database, study.id, 3, 10, one)
    for number, lease in enumerate(leases[:2]):
        assert assign(database, lease, number)
    note_epochs(database, leases, 20)
    put_back(database, 40.0)
    assert claim_control(database, other.id, "softmax", two)
    first, second = active_workers(database)
    assert (first.study, first.worker, first.is_lost) == ("another", two, False)
    assert [lease.control for lease in first.leases] == ["softmax"]
    assert 0.0 <= first.unseen < 30.0
    assert first.epochs_per_second == 0.0
    assert (second.study, second.worker, second.is_lost) == ("mine", one, False)
    assert {lease.number for lease in second.leases} == {0, 1, None}
    assert 40.0 <= second.seconds < 70.0
    assert second.seconds == pytest.approx(second.unseen, abs=1.0)
    assert second.epochs_per_second == pytest.approx(60 / second.seconds)
    note_epochs(database, leases, 20, start=12)  # those of the checkpoint were another one's
    (_, second) = active_workers(database)
    assert second.epochs_per_second == pytest.approx(24 / second.seconds, rel=0.05)
    assert abs(datetime.now(UTC) - second.since - timedelta(seconds=40)) < timedelta(seconds=30)


def test_a_worker_is_lost_once_its_time_is_out(database, study):
    away = replace(WorkerIdentity.here(), host="elsewhere/0")
    assert len(reserve(database, study.id, 2, 10, away)) == 2
    assert [one.is_lost for one in active_workers(database)] == [False]
    put_back(database, 601.0)
    (lost,) = active_workers(database)
    assert lost.is_lost
    assert lost.unseen >= 601.0


def test_a_process_of_this_machine_that_is_gone_is_lost(database, study):
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    assert reserve(database, study.id, 1, 10, replace(WorkerIdentity.here(), pid=gone.pid))
    assert [one.is_lost for one in active_workers(database)] == [True]
