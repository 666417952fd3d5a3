"""A study that is paused, resumed and stopped while workers train for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.store.results.frames import trial_table
from sweeper.study.open_study import find, require_not_stopped
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.steering import Steering
from sweeper.worker.study_worker import StudyWorker


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
    with pytest.raises(SweeperError, match=r"stopped: `sweeper resume s --storage \S+` lets"):
        require_not_stopped(again)
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


class Pausing(TrialQueue):
    """A queue whose study is paused just before its worker takes trials for the first time."""

    was_asked = False

    def recover(self) -> int:
        lost = super().recover()
        if not self.was_asked:
            self.was_asked = True
            store.set_state(self.opened.database, self.opened.stored.id, "paused")
        return lost


def in_thread(worker):
    done = []
    thread = threading.Thread(target=lambda: done.append(worker.work()), daemon=True)
    thread.start()
    return thread, done


def test_who_waits_goes_on_after_the_study_was_renamed(quick, start, timed):
    opened = start(quick(n_trials=2))
    database, stored = opened.database, opened.stored
    store.set_state(database, stored.id, "paused")
    mine = replace(opened, database=timed(database, steering=0.02))
    thread, done = in_thread(StudyWorker(mine, torch.device("cpu")))
    time.sleep(0.3)
    store.rename_study(database, stored, "new", stored.spec.replace('"name":"s"', '"name":"new"'))
    store.set_state(database, stored.id, "active")
    thread.join(120)
    assert done == [4]  # with two controls
    assert store.summarize(database, "new").counted == 2


def test_a_pause_just_before_trials_are_taken_does_not_end_a_worker(quick, start, timed):
    opened = start(quick(n_trials=2, controls=[]))
    mine = replace(opened, database=timed(opened.database, steering=0.0, termination_poll=0.1))
    worker = StudyWorker(mine, torch.device("cpu"))
    queue = Pausing(mine, worker.identity)
    worker.queues = [queue]
    thread, done = in_thread(worker)
    wait_until(lambda: queue.was_asked)
    time.sleep(0.5)
    assert thread.is_alive()
    store.set_state(opened.database, opened.stored.id, "active")
    thread.join(60)
    assert done == [2]


def test_a_paused_study_is_waited_for_once_the_other_one_is_used_up(quick, start, work, begin):
    first, second = (start(quick(name=name, n_trials=2)) for name in ("first", "second"))
    work(second)
    store.set_state(first.database, first.stored.id, "paused")
    thread, done = begin(first, beside=[second])
    time.sleep(0.5)
    assert thread.is_alive()
    store.set_state(first.database, first.stored.id, "active")
    thread.join(60)
    assert done == [4]  # with two controls


def test_a_study_beside_that_is_deleted_ends_the_worker_and_the_array_is_saved(
    quick, start, work, timed
):
    content = {"n_trials": 2, "epochs": 60, "seeds": 1, "controls": []}
    first, second = (start(quick(name=name, **content)) for name in ("first", "second"))
    store.set_state(first.database, second.stored.id, "paused")
    database = timed(first.database, steering=0.0, progress_note=0.0)
    is_deleted = False

    def leave():
        nonlocal is_deleted
        if not is_deleted and is_training(first):
            is_deleted = True
            store.delete_study(first.database, second.stored)
        return False

    mine = replace(first, database=database)
    with pytest.raises(SweeperError, match=r"^study 'second' was deleted; nothing is left to do"):
        work(mine, beside=[replace(second, database=database)], fuse=2, leave=leave)
    assert is_free(first)
    summary = store.summarize(first.database, "first")
    assert (summary.counted, summary.queued) == (0, 2)
    assert set(summary.causes) == {store.PREEMPTED}
    labels = [f"{first.stored.id}/{number}" for number in (0, 1)]
    assert store.find_checkpoints(first.database, labels).keys() == set(labels)


def test_a_study_that_was_deleted_ends_its_worker_in_one_line(quick, start):
    opened = start(quick(n_trials=1))
    steering = Steering([opened])
    assert steering.are_active(opened)
    steering.require_all()
    steering = Steering([opened])
    store.delete_study(opened.database, opened.stored)
    assert steering.is_over
    assert not steering.are_active(opened)
    with pytest.raises(
        SweeperError, match=r"^study 's' was deleted; nothing is left to do for it$"
    ):
        steering.require_all()
