"""Processes with limits: real ones, which take too much."""

import os
import signal
import threading
import time

import pytest

from sweeper.serve.uploads import limits
from sweeper.serve.uploads.child import Child, Limits
from sweeper.serve.uploads.measured import Refused
from tests.support import greedy


def refusal(function, *arguments, **allowed):
    outcome = Child(Limits(**allowed)).run(function, *arguments)
    assert isinstance(outcome, Refused)
    return outcome.refusal


def test_what_a_function_returns_comes_back():
    assert refusal(greedy.say, "naïve\x00") == "naïve\x00"


@pytest.mark.parametrize("take", [greedy.take_memory, greedy.take_memory_of_torch])
def test_too_much_memory_is_told(take):
    assert "more memory than one file may have" in refusal(take, memory=2**30)


@pytest.mark.parametrize(
    ("take", "allowed"), [(greedy.take_time, {"cpu": 1}), (greedy.wait, {"wall": 1.0})]
)
def test_too_much_time_is_told(take, allowed):
    began = time.monotonic()
    assert "more time than one file may have" in refusal(take, **allowed)
    assert time.monotonic() - began < limits.WALL_SECONDS


def test_a_process_that_ends_is_told():
    assert "ended the process" in refusal(greedy.end)


def test_a_failure_is_logged_quoted_and_nothing_else_is_said(capfd, caplog):
    assert "ended the process" in refusal(greedy.fail)
    assert r"\x1b[2Jwrong" in caplog.text
    assert "\x1b" not in caplog.text
    captured = capfd.readouterr()
    assert "shouted" not in captured.out + captured.err


def test_no_more_is_written_than_allowed(tmp_path):
    said = refusal(greedy.write, str(tmp_path / "full"), file=2**20)
    assert "ended the process" in said
    assert (tmp_path / "full").stat().st_size <= 2**20


def test_what_is_too_long_is_not_taken():
    assert "ended the process" in refusal(greedy.say_too_much)


def test_it_is_ended_with_the_server():
    child = Child()
    thread = threading.Thread(target=child.run, args=(greedy.wait,))
    thread.start()
    while child._process is None:
        time.sleep(0.05)
    began = time.monotonic()
    child.end()
    thread.join(30)
    assert not thread.is_alive()
    assert time.monotonic() - began < 30
    child.end()  # nothing is left to be ended


def test_a_ctrl_c_that_reaches_it_is_left_to_the_server():
    child = Child()
    said = []
    thread = threading.Thread(target=lambda: said.append(child.run(greedy.wait)))
    thread.start()
    while child._process is None or child._process.pid is None:
        time.sleep(0.05)
    time.sleep(3)
    os.kill(child._process.pid, signal.SIGINT)
    time.sleep(1)
    assert thread.is_alive()
    child.end()
    thread.join(30)
