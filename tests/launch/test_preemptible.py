"""A worker that a system ends: it leaves in order, and its status asks for another one."""

import os
import signal
import subprocess
import sys

import pytest

from sweeper import store

pytestmark = pytest.mark.long


@pytest.fixture
def begin(sqlite_url):
    """Start a worker as a container does; no Slurm around it."""
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "sweeper.launch.preemptible", *arguments]
        rest = {name: value for name, value in os.environ.items() if name != "SLURM_JOB_ID"}
        environment = {**rest, "SWEEPER_STORAGE": sqlite_url}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_told_to_leave_it_asks_for_another(sqlite_url, make_study, begin, in_training, until):
    opened = make_study(sqlite_url, n_trials=3, epochs=100_000)
    worker = begin("s")
    until(lambda: in_training(opened))
    worker.send_signal(signal.SIGTERM)  # to this process alone, as Kubernetes does
    _, err = worker.communicate(timeout=100)
    assert worker.returncode == 143, err
    assert store.held(opened.database, opened.stored.id) == []
    trials = store.load_trials(opened.database, opened.stored.id)
    assert {trial.cause for trial in trials} <= {"preempted"}  # it may have held a control alone


def test_told_while_it_loads(sqlite_url, make_study, begin):
    make_study(sqlite_url, n_trials=3, epochs=100_000)
    worker = begin("s")
    while not subprocess.run(
        ["pgrep", "-P", str(worker.pid)], capture_output=True, check=False
    ).stdout:
        assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=100)
    assert worker.returncode == 143


def test_a_finished_study_is_a_success(sqlite_url, make_study, begin):
    make_study(sqlite_url, n_trials=3, epochs=2)
    worker = begin("s")
    _, err = worker.communicate(timeout=200)
    assert worker.returncode == 0, err


def test_bad_usage_stays_so(sqlite_url, make_study, begin):
    make_study(sqlite_url, n_trials=3, epochs=2)
    worker = begin("other")
    _, err = worker.communicate(timeout=100)
    assert worker.returncode == 2
    assert "other" in err
