"""The budget is exact, and the leases of dead workers are found."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from sweeper.errors import SweeperError
from sweeper.store import (
    WorkerIdentity,
    assign,
    claim_control,
    create_study,
    expired,
    held,
    load_trials,
    record_trial,
    release,
    renew,
    reserve,
    summarize,
)
from sweeper.store.queue import leases as leases_module
from sweeper.store.queue import worker_identity as worker_module

ELSEWHERE = WorkerIdentity("elsewhere-1", "a-host-far-away", 1)


def test_a_reservation_ends_at_the_budget(database, study):
    worker = WorkerIdentity.here()
    first = reserve(database, study.id, 4, 6, worker)
    second = reserve(database, study.id, 4, 6, worker)
    assert (len(first), len(second)) == (4, 2)
    assert len(set(first + second)) == 6
    assert reserve(database, study.id, 4, 6, worker) == []
    release(database, *first[:3])
    assert len(reserve(database, study.id, 9, 6, worker)) == 3
    assert len(reserve(database, study.id, 9, 8, worker)) == 2  # the budget has grown


def test_lost_and_interrupted_trials_are_given_out_again(database, study, numbered):
    worker = WorkerIdentity.here()
    causes = [None, "rung 1", "loss is nan", "lost", "interrupted"]
    states = ["complete", "pruned", "failed", "failed", "failed"]
    for number, lease in enumerate(reserve(database, study.id, 5, 5, worker)):
        assert assign(database, lease, number)
        record = numbered(number, state=states[number], cause=causes[number], seeds=())
        assert record_trial(database, study.id, record, "validation", lease)
    assert len(reserve(database, study.id, 5, 5, worker)) == 2


def test_processes_together_train_exactly_the_budget(database, study, run_together):
    script = (
        "random.seed(int(sys.argv[1]))\n"
        "worker, study, done = WorkerIdentity.here(), int(sys.argv[3]), 0\n"
        "with open_database(sys.argv[2]) as database:\n"
        "    while leases := reserve(database, study, random.randint(1, 4), 23, worker):\n"
        "        for lease in leases:\n"
        "            number = int(sys.argv[1]) * 1000 + done\n"
        "            assert assign(database, lease, number)\n"
        "            trial = TrialRecord(Setting(), 'complete', number)\n"
        "            assert record_trial(database, study, trial, 'validation', lease)\n"
        "            done += 1\n"
        "print(done)\n"
    )
    imports = (
        "import random; from sweeper.store import *; from sweeper.registry.setting import Setting"
    )
    url = database.url.render_as_string(hide_password=False)
    done = run_together(4, imports, script, url, str(study.id))
    assert sum(map(int, done)) == 23
    summary = summarize(database, study.name)
    assert (summary.counted, summary.live) == (23, 0)


def test_a_reservation_whose_answer_was_lost_is_not_made_twice(postgres_database, study_record):
    """The connection dies after the commit: the repeated transaction finds its own leases."""
    study = create_study(postgres_database, study_record)
    cut = []

    def lose_the_answer(_session: object) -> None:
        if not cut:
            with postgres_database.engine.connect() as victim:
                cut.append(victim.scalar(text("SELECT pg_backend_pid()")))
                with postgres_database.engine.connect() as killer:
                    killer.execute(text(f"SELECT pg_terminate_backend({cut[0]})"))
                victim.execute(text("SELECT 1"))  # raises what a cut commit raises

    event.listen(postgres_database._sessions, "after_commit", lose_the_answer)
    leases = reserve(postgres_database, study.id, 3, 10, WorkerIdentity.here())
    assert cut
    assert len(leases) == 3
    assert summarize(postgres_database, study.name).live == 3


def test_a_lease_is_assigned_renewed_and_released(database, study, timed):
    short, long = timed(database, lease=10), timed(database, lease=600)
    mine, other = WorkerIdentity.here(), WorkerIdentity.here()
    assert mine.name != other.name
    first, second = reserve(short, study.id, 2, 9, mine)
    (third,) = reserve(short, study.id, 1, 9, other)
    assert assign(database, first, 4)
    soon = datetime.now(UTC) + timedelta(seconds=60)
    assert {lease.id for lease in expired(database, study.id, soon)} == {first, second, third}
    assert renew(long, mine) == {first, second}
    (stale,) = expired(database, study.id, soon)
    assert (stale.id, stale.worker, stale.number, stale.control) == (third, other, None, None)
    assert stale.until - stale.since == timedelta(seconds=10)
    release(database, first)
    release(database, first)
    assert renew(database, mine) == {second}
    assert not assign(database, first, 5)


def test_a_lease_past_its_time_counts_until_it_is_ended(database, study, timed):
    (lease,) = reserve(timed(database, lease=-1), study.id, 1, 1, ELSEWHERE)
    assert [each.id for each in expired(database, study.id)] == [lease]
    assert reserve(database, study.id, 1, 1, WorkerIdentity.here()) == []
    release(database, lease)
    assert len(reserve(database, study.id, 1, 1, WorkerIdentity.here())) == 1


def test_the_lease_of_a_dead_process_of_this_host_is_stale_at_once(database, study):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = WorkerIdentity.here().host
    (lost,) = reserve(database, study.id, 1, 9, WorkerIdentity("dead", host, dead.pid))
    reserve(database, study.id, 1, 9, WorkerIdentity("far", "a-host-far-away", dead.pid))
    reserve(database, study.id, 1, 9, WorkerIdentity("other", host, os.getppid()))
    reserve(database, study.id, 1, 9, WorkerIdentity("init", host, 1))
    assert [each.id for each in expired(database, study.id)] == [lost]


def test_a_process_of_another_boot_or_container_is_left_to_its_time(database, study):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for host in (socket.gethostname(), f"{socket.gethostname()}/0123456789ab"):
        reserve(database, study.id, 1, 9, WorkerIdentity(f"of {host}", host, dead.pid))
    assert expired(database, study.id) == []


def test_a_live_worker_is_not_lost_to_one_in_a_container(sqlite_database, study_record):
    """A real namespace of process ids, in which this process has none, under one host name."""
    study = create_study(sqlite_database, study_record)
    (mine,) = reserve(sqlite_database, study.id, 1, 9, WorkerIdentity.here())
    script = (
        "import os, sys\n"
        "from sweeper.store import expired, held, open_database\n"
        "with open_database(sys.argv[1]) as database:\n"
        "    print(held(database, int(sys.argv[2]))[0].id, expired(database, int(sys.argv[2])))\n"
    )
    apart = ["unshare", "--map-root-user", "--pid", "--fork"]
    try:
        done = subprocess.run(
            [*apart, sys.executable, "-c", script, str(sqlite_database.url), str(study.id)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if done.stderr.startswith("unshare:"):
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert done.stdout == f"{mine} []\n", done.stderr


def test_who_cannot_tell_where_it_runs_shares_its_place_with_nobody(monkeypatch):
    def refuse(*_: object) -> str:
        raise FileNotFoundError("/proc")

    before = worker_module._place()
    monkeypatch.setattr(worker_module.os, "readlink", refuse)  # type: ignore[attr-defined]
    monkeypatch.setattr(worker_module.sys, "platform", "linux")  # type: ignore[attr-defined]
    places = {worker_module._place.__wrapped__() for _ in range(3)}
    assert len(places | {before}) == 4
    monkeypatch.setattr(worker_module.sys, "platform", "darwin")  # type: ignore[attr-defined]
    assert worker_module._place.__wrapped__() == worker_module._place.__wrapped__()


def test_leases_are_judged_by_the_clock_of_the_server(
    postgres_database, study_record, monkeypatch, timed
):
    """A worker whose own clock is an hour off, either way, neither loses nor takes a lease."""
    study = create_study(postgres_database, study_record)
    (good,) = reserve(postgres_database, study.id, 1, 9, WorkerIdentity.here())
    (stale,) = reserve(timed(postgres_database, lease=-1), study.id, 1, 9, ELSEWHERE)
    for hours in (-1, 1):

        class Off(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + timedelta(hours=hours)  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(leases_module, "datetime", Off)
            assert [each.id for each in expired(postgres_database, study.id)] == [stale]
            late = WorkerIdentity.here()
            (own,) = reserve(postgres_database, study.id, 1, 9, late)
            assert renew(postgres_database, late) == {own}
        assert [each.id for each in expired(postgres_database, study.id)] == [stale]
        (lease,) = [each for each in held(postgres_database, study.id) if each.id == own]
        assert abs(datetime.now(UTC) - lease.since) < timedelta(minutes=1)
        assert good in {each.id for each in held(postgres_database, study.id)}


def test_a_lost_trial_is_recorded_and_its_lease_ended(database, study, numbered, timed):
    reserve(timed(database, lease=-1), study.id, 1, 1, ELSEWHERE)
    (stale,) = expired(database, study.id)
    lost = numbered(0, state="failed", cause="lost", seeds=())
    assert record_trial(database, study.id, lost, "validation", stale.id)
    assert expired(database, study.id) == []
    assert load_trials(database, study.id) == [lost]
    assert len(reserve(database, study.id, 1, 1, WorkerIdentity.here())) == 1


def test_a_control_is_claimed_once_and_costs_no_budget(database, study, numbered):
    worker = WorkerIdentity.here()
    assert len(reserve(database, study.id, 2, 2, worker)) == 2
    lease = claim_control(database, study.id, "softmax", worker)
    assert lease
    assert claim_control(database, study.id, "softmax", ELSEWHERE) is None
    assert claim_control(database, study.id, "arcface", ELSEWHERE)
    done = numbered(None, control="softmax", seeds=())
    assert record_trial(database, study.id, done, "validation", lease)
    assert claim_control(database, study.id, "softmax", worker) is None
    summary = summarize(database, study.name)
    assert (summary.counted, summary.live) == (0, 2)


def test_the_control_of_a_lost_worker_is_taken_over(database, study, numbered, timed):
    old = claim_control(timed(database, lease=-1), study.id, "softmax", ELSEWHERE)
    new = claim_control(database, study.id, "softmax", WorkerIdentity.here())
    assert new not in (None, old)
    late = numbered(None, control="softmax", seeds=())
    assert not record_trial(database, study.id, late, "validation", old)
    assert record_trial(database, study.id, replace(late, seconds=2.0), "validation", new)


def test_a_study_that_is_gone_is_named(database):
    with pytest.raises(SweeperError, match="study 77 is not in the database"):
        reserve(database, 77, 1, 1, WorkerIdentity.here())
