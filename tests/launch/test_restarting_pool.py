"""A crew keeps its number: real processes that die, fail or end, and who takes their place."""

import multiprocessing
import os
import signal

import pytest

from sweeper.errors import SweeperError
from sweeper.launch.restarting_pool import RestartingPool, RestartPolicy
from sweeper.launch.worker_pool import WorkerHandle
from sweeper.launch.worker_process import Failure, WorkerConfig

QUICK = RestartPolicy(deaths=3, wait=0.01, longest=0.02)
KILLED, DONE = (signal.raise_signal, signal.SIGKILL), (os._exit, 0)


@pytest.fixture
def lives(monkeypatch):
    """What the processes that are started do, one after the other, and what they say before."""
    planned = []

    def start(order):
        act, argument, *failure = planned.pop(0)
        here, there = multiprocessing.Pipe()
        for said in failure:
            there.send(said)
        process = multiprocessing.get_context("spawn").Process(target=act, args=(argument,))
        process.start()
        there.close()
        return WorkerHandle(process, here)

    monkeypatch.setattr("sweeper.launch.worker_pool._start", start)
    monkeypatch.setattr("sweeper.launch.forkserver.prepare", lambda: None)
    return planned


def keep(workers, finished=lambda: False, patience=QUICK):
    with RestartingPool([WorkerConfig("", "s", "cpu")] * workers, finished, patience) as crew:
        for _ in crew.keep(0.05):
            pass
        assert not crew.is_working()


def test_one_that_was_killed_or_crashed_is_started_again(lives, caplog):
    lives += [KILLED, DONE, (os._exit, 0, Failure("a fault", passing=True)), (os._exit, 3), DONE]
    keep(2, patience=RestartPolicy(deaths=4, wait=0.01))
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
        keep(2)
    lines = [record.getMessage() for record in caplog.records]
    assert lines.count("a worker was killed (status -9); it died 3 times in a row: given up") == 2
    assert len(lines) == 6


def test_the_others_go_on_where_one_is_given_up(lives):
    lives += [KILLED, DONE, KILLED, KILLED]
    keep(2)
    assert lives == []


def test_earlier_deaths_are_forgotten_after_a_steady_life(lives):
    lives += [*[KILLED] * 7, DONE]
    keep(1, patience=RestartPolicy(deaths=2, wait=0.01, steady=0.0))
    assert lives == []


def test_a_fault_that_stays_ends_them_all(lives):
    lives += [(os._exit, 0, Failure("no such data", passing=False)), DONE]
    with pytest.raises(SweeperError, match=r"^no such data; finished trials are stored, "):
        keep(2)


@pytest.mark.parametrize("when", ["at its death", "while it waits"])
def test_nobody_is_started_again_for_a_finished_study(when, lives):
    lives += [KILLED]
    answers = [True] if when == "at its death" else [False, True]
    keep(1, finished=lambda: answers.pop(0))
    assert answers == []
