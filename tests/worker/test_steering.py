"""A study that is paused, resumed and stopped while workers train for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.store.results.frames import trial_table
from sweeper.study.open_study import find, require_not_stopped
from sweeper.worker.steering import Steering


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def begin(work, timed):
    """Work on a study in a thread, on a connection of its own; return it, and what it did."""

    def run(opened, **options):
        database = timed(opened.database, steering=0.02, progress_note=0.05)
        done = []

        def target():
            done.append(work(replace(opened, database=database), fuse=2, **options))

        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        return thread, done

    return run


def is_training(opened):
    return any(lease.epochs for lease in store.held(opened.database, opened.stored.id))


def is_free(opened):
    return not store.held(opened.database, opened.stored.id)


def test_a_paused_study_waits_and_goes_on_where_it_was(quick, start, work, begin):
    content = {"n_trials": 2, "epochs": 60, "seeds": 1, "controls": []}
    opened = start(quick(**content))
    thread, done = begin(opened)
    wait_until(lambda: is_training(opened))
    store.set_state(opened.database, opened.stored.id, "paused")
    wait_until(lambda: is_free(opened))
    assert thread.is_alive()
    time.sleep(0.5)
    assert is_free(opened)
    summary = store.summarize(opened.database, opened.stored.name)
    assert (summary.counted, summary.queued) == (0, 2)
    assert set(summary.causes) == {store.PREEMPTED}
    store.set_state(opened.database, opened.stored.id, "active")
    thread.join(120)
    assert done == [2]

    undisturbed = start(quick(name="undisturbed", **content))
    work(undisturbed, fuse=2)
    values = [
        sorted(trial_table(each.database, each.stored.id).query("state == 'complete'")["accuracy"])
        for each in (opened, undisturbed)
    ]
    assert values[0] == pytest.approx(values[1], abs=1e-6)


def test_from_a_stopped_study_workers_go_home_and_nobody_joins(quick, start, work, begin):
    opened = start(quick(n_trials=2, epochs=60, seeds=1, controls=[]))
    thread, done = begin(opened)
    wait_until(lambda: is_training(opened))
    store.set_state(opened.database, opened.stored.id, "stopped")
    thread.join(120)
    assert done == [0]
    assert is_free(opened)
    again = find(opened.database, opened.stored.name)
    with pytest.raises(SweeperError, match="was stopped: `sweeper resume s` lets workers"):
        require_not_stopped(again.stored)
    assert work(again) == 0
    store.set_state(opened.database, opened.stored.id, "active")
    assert work(find(opened.database, opened.stored.name), fuse=2) == 2


def test_who_waits_can_be_sent_home(quick, start, begin):
    opened = start(quick(n_trials=2, controls=[]))
    store.set_state(opened.database, opened.stored.id, "paused")
    home = threading.Event()
    thread, done = begin(opened, leave=home.is_set)
    time.sleep(0.3)
    assert thread.is_alive()
    home.set()
    thread.join(120)
    assert done == [0]


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_of_two_studies_the_other_one_is_trained(state, quick, start, work):
    first, second = (start(quick(name=name, n_trials=2)) for name in ("first", "second"))
    store.set_state(first.database, first.stored.id, state)
    ends = time.monotonic() + 60

    def leave():
        done = store.summarize(second.database, "second").counted == 2
        return done or time.monotonic() > ends

    work(first, beside=[second], leave=leave)
    counted = [store.summarize(first.database, name).counted for name in ("first", "second")]
    assert counted == [0, 2]


def test_a_study_that_was_deleted_ends_its_worker_in_one_line(quick, start):
    opened = start(quick(n_trials=1))
    steering = Steering([opened])
    assert steering.are_active(opened)
    steering = Steering([opened])
    store.delete_study(opened.database, opened.stored.name)
    with pytest.raises(
        SweeperError, match=r"^study 's' was deleted; nothing is left to do for it$"
    ):
        assert steering.is_stopped
