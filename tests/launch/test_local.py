"""Workers here: as many as were asked for, whoever dies, and everything handed back at the end."""

import os
import signal
import subprocess
import sys

import pytest
from optuna.trial import TrialState

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.launch.restarting_pool import RestartingPool, RestartPolicy
from sweeper.launch.worker_process import WorkerConfig
from sweeper.store import Timing


@pytest.fixture
def begin():
    """Start `sweeper launch` on the study "s"; what is left of it is killed in the end."""
    started = []

    def call(url, *arguments):
        command = [sys.executable, "-m", "sweeper", "launch", "s", "--device", "cpu", *arguments]
        process = subprocess.Popen(
            [*command, "--storage", url], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield call
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.long
def test_the_killed_are_replaced(storage_url, make_study, begin, in_training, is_whole, until):
    opened = make_study(storage_url, n_trials=20, epochs=300)
    launched = begin(storage_url, "--workers", "2")
    seen = set()

    def others():
        return in_training(opened) - seen

    for _ in range(2):
        until(lambda: len(others()) == 2)
        for pid in others():
            os.kill(pid, signal.SIGKILL)
            seen.add(pid)
    _, err = launched.communicate(timeout=300)
    assert launched.returncode == 0
    assert err.count("a worker was killed (status -9); it is started again in ") == 4
    assert err.startswith("2 workers on s\n")
    done = f"study s is finished: see `sweeper results s{opened.database.option}`\n"
    assert err.endswith(done)
    assert is_whole(opened)
    again = begin(storage_url)
    assert again.communicate(timeout=100)[1] == done
    assert again.returncode == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "status", "cause"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 0, "preempted")],
    ids=["SIGINT", "SIGTERM"],
)
@pytest.mark.parametrize("storage_url", ["sqlite_url"], indirect=True)
def test_stopping_hands_everything_back(
    number, status, cause, storage_url, make_study, begin, in_training, until
):
    opened = make_study(storage_url, n_trials=20, epochs=100_000)
    launched = begin(storage_url, "--workers", "2")
    until(lambda: len(in_training(opened)) == 2)
    os.killpg(launched.pid, number)  # as a terminal does: to all processes
    _, err = launched.communicate(timeout=300)
    assert launched.returncode == status
    assert "it is started again" not in err
    assert err.endswith("stopped, nothing is half-written: run the same command again to go on\n")
    assert store.held(opened.database, opened.stored.id) == []
    trials = store.load_trials(opened.database, opened.stored.id)
    assert {trial.cause for trial in trials} <= {cause}
    assert not opened.optuna_study().get_trials(states=(TrialState.RUNNING,))


@pytest.mark.long
def test_a_database_that_is_away_is_waited_for(caplog):
    """Nothing listens there: a worker that cannot reach its database is started again."""
    config = WorkerConfig("postgresql://me:secret@127.0.0.1:1/name", "s", "cpu")
    policy, timing = RestartPolicy(max_deaths=2, first_wait=0.1), Timing(supervision_poll=0.05)
    pool = RestartingPool([config], lambda: False, policy, timing)
    with pytest.raises(SweeperError, match=r"^every worker died 2 times in a row, "), pool:
        for _ in pool.watch():
            pass
    assert "; it is started again in " in caplog.text
    assert "secret" not in caplog.text
