"""A pool keeps its size: real processes that die, fail or end, and who takes their place."""

import multiprocessing
import os
import signal

import pytest

from sweeper.errors import StudyGoneError, SweeperError
from sweeper.launch.restarting_pool import RestartingPool, RestartPolicy
from sweeper.launch.worker_pool import WorkerHandle
from sweeper.launch.worker_process import Failure, WorkerConfig
from sweeper.store import Timing

QUICK = RestartPolicy(max_deaths=3, first_wait=0.01, longest_wait=0.02)
KILLED, DONE = (signal.raise_signal, signal.SIGKILL), (os._exit, 0)


@pytest.fixture
def lives(monkeypatch):
    """What the processes that are started do, one after the other, and what they say before."""
    planned = []

    def start(target, config):
        act, argument, *failure = planned.pop(0)
        here, there = multiprocessing.Pipe()
        for said in failure:
            there.send(said)
        process = multiprocessing.get_context("spawn").Process(target=act, args=(argument,))
        process.start()
        there.close()
        return WorkerHandle(process, here)

    monkeypatch.setattr("sweeper.launch.worker_pool.start_worker", start)
    monkeypatch.setattr("sweeper.launch.forkserver.prepare", lambda: None)
    return planned


def watch(workers, finished=lambda: False, policy=QUICK):
    configs, timing = [WorkerConfig("", "s", "cpu")] * workers, Timing(supervision_poll=0.05)
    with RestartingPool(configs, finished, policy, timing) as pool:
        for _ in pool.watch():
            pass
        assert not pool.is_working()


def test_one_that_was_killed_or_crashed_is_started_again(lives, caplog):
    lives += [
        KILLED,
        DONE,
        (os._exit, 0, Failure("a fault", is_transient=True)),
        (os._exit, 3),
        DONE,
    ]
    watch(2, policy=RestartPolicy(max_deaths=4, first_wait=0.01))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "a worker was killed (status -9); it is started again in 1 s",
        "a fault; it is started again in 1 s",
        "a worker was killed (status 3); it is started again in 1 s",
    ]
    assert lives == []


def test_those_that_die_again_and_again_are_given_up(lives, caplog):
    lives += [KILLED] * 6
    with pytest.raises(SweeperError, match=r"^every worker died 3 times in a row, "):
        watch(2)
    lines = [record.getMessage() for record in caplog.records]
    assert lines.count("a worker was killed (status -9); it died 3 times in a row: given up") == 2
    assert len(lines) == 6


def test_the_others_go_on_where_one_is_given_up(lives):
    lives += [KILLED, DONE, KILLED, KILLED]
    watch(2)
    assert lives == []


def test_earlier_deaths_of_a_healthy_worker_are_forgotten(lives):
    lives += [*[KILLED] * 7, DONE]
    watch(1, policy=RestartPolicy(max_deaths=2, first_wait=0.01, healthy_after=0.0))
    assert lives == []


def test_a_fault_that_stays_ends_them_all(lives):
    lives += [(os._exit, 0, Failure("no such data", is_transient=False)), DONE]
    with pytest.raises(SweeperError, match=r"^no such data; finished trials are stored, "):
        watch(2)


def test_of_a_deleted_study_nothing_is_said_to_be_stored(lives):
    gone = Failure("study 's' was deleted", is_transient=False, is_gone=True)
    lives += [(os._exit, 0, gone), DONE]
    with pytest.raises(StudyGoneError, match=r"^study 's' was deleted$"):
        watch(2)


@pytest.mark.parametrize("when", ["at its death", "while it waits"])
def test_nobody_is_started_again_for_a_finished_study(when, lives):
    lives += [KILLED]
    answers = [True] if when == "at its death" else [False, True]
    watch(1, finished=lambda: answers.pop(0))
    assert answers == []
