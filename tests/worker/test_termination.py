"""When a worker that ran out of trials may leave: nobody's trials must be left behind."""

import threading
import time
from dataclasses import replace

import pytest

from sweeper import store
from sweeper.store import WorkerIdentity
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.termination import TerminationCheck


@pytest.fixture
def opened(quick, start, timed):
    opened = start(quick(n_trials=3, controls=[]))
    return replace(opened, database=timed(opened.database, termination_poll=0.1))


def away(**changes):
    return replace(WorkerIdentity.here(), host="a-host-far-away/0.0", **changes)


def take(opened, worker, count=1):
    return TrialQueue(opened, worker).take(count)


def test_where_nobody_holds_anything(opened):
    assert not TerminationCheck([opened], lambda: False).may_lose()


def test_who_is_seen_to_live_is_not_waited_for(opened):
    take(opened, WorkerIdentity.here(), 2)
    began = time.monotonic()
    assert not TerminationCheck([opened], lambda: False).may_lose()
    assert time.monotonic() - began < 5


def test_who_is_elsewhere_is_waited_for_until_it_renews(opened, database, timed):
    worker = away()
    take(opened, worker, 2)
    renewed, renewing = [], timed(database, lease=1000.0)

    def renew():
        renewed.append(time.monotonic())
        store.renew(renewing, worker)

    threading.Timer(1.0, renew).start()
    looked = TerminationCheck([opened], lambda: False)
    assert not looked.may_lose()
    assert renewed
    assert not looked.may_lose()  # and not once more


def test_who_is_lost_elsewhere_is_waited_for(opened, database, timed):
    take(opened, away())
    (lease,) = store.held(database, opened.stored.id)
    losing = timed(database, lease=-1.0)
    timer = threading.Timer(1.0, lambda: store.renew(losing, lease.worker))
    timer.start()
    assert TerminationCheck([opened], lambda: False).may_lose()


def test_what_is_handed_back_may_be_taken(opened, database):
    one, _ = take(opened, away(), 2)
    threading.Timer(1.0, lambda: store.release(database, one.lease)).start()
    assert TerminationCheck([opened], lambda: False).may_lose()


def test_told_to_end_it_does_not_wait(opened):
    take(opened, away())
    asked = []
    assert not TerminationCheck([opened], lambda: len(asked) > 2 or asked.append(0)).may_lose()


def test_the_last_one_out_trains_what_a_lost_machine_left(opened, database, work, timed):
    """Its lease runs out while this worker has nothing to do any more."""
    take(opened, away(), 2)
    leases = store.held(database, opened.stored.id)
    losing = timed(database, lease=-1.0)
    threading.Timer(2.0, lambda: store.renew(losing, leases[0].worker)).start()
    assert work(opened) == 3
    summary = store.summarize(database, "s")
    assert (summary.counted, summary.live) == (3, 0)
    assert summary.causes == {"lost": 2}
