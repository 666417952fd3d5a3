"""Real worker processes: they share a budget, and it stays exact whoever dies."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from optuna.trial import TrialState

from sweeper import store
from sweeper.errors import StudyGoneError, SweeperError
from sweeper.launch.worker_pool import WorkerPool
from sweeper.launch.worker_process import WorkerConfig
from sweeper.store import Timing
from sweeper.worker.queue.recovery import recover


def pool_on(opened, count, fuse=2, **times):
    url = opened.database.url.render_as_string(hide_password=False)
    return WorkerPool([WorkerConfig(url, opened.stored.name, "cpu", fuse)] * count, Timing(**times))


def wait_until(condition, seconds=180.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def training(opened, count=1):
    """Return whether so many workers are in the middle of training."""
    leases = store.held(opened.database, opened.stored.id)
    return len({lease.worker.name for lease in leases if lease.epochs}) >= count


def whole(opened, n_trials, lost=0):
    recover(opened, opened.optuna_study())
    summary = store.summarize(opened.database, opened.stored.name)
    assert (summary.counted, summary.live) == (n_trials, 0)
    assert summary.states["lost"] == lost
    assert store.held(opened.database, opened.stored.id) == []
    records = store.load_trials(opened.database, opened.stored.id)
    assert sorted(r.control for r in records if r.control) == ["arcface", "softmax"]
    trials = opened.optuna_study().trials
    assert not [t for t in trials if t.state in (TrialState.RUNNING, TrialState.WAITING)]
    assert len([t for t in trials if t.state == TrialState.COMPLETE]) == n_trials
    for record in records:
        if record.state == "complete":
            assert [len(seed.curve) for seed in record.seeds] == [opened.spec.epochs] * 2


@pytest.mark.long
def test_several_workers_keep_the_budget(quick, start):
    opened = start(quick(n_trials=23))
    with pool_on(opened, 4, fuse=3) as pool:
        for _ in pool.watch():
            pass
    assert pool.killed == 0
    whole(opened, 23)
    settings = [t.params for t in opened.optuna_study().trials]
    assert len({tuple(params.values()) for params in settings}) == 23
    with pool_on(opened, 2, supervision_poll=60) as pool:
        assert list(pool.watch()) != []
    whole(opened, 23)
    opened = start(quick(n_trials=27))
    with pool_on(opened, 3) as pool:
        for _ in pool.watch():
            pass
    whole(opened, 27)


@pytest.mark.long
def test_two_pools_at_once_on_one_experiment(database, quick, start):
    settings = [{"loss": "arcface", "m2": [0.1, 0.2, 0.3, 0.4, 0.5], "scale": [4, 8]}]
    opened = start(quick(kind="experiment", settings=settings))
    with pool_on(opened, 2, fuse=1) as one, pool_on(opened, 2, fuse=3) as two:
        for pool in (one, two):
            for _ in pool.watch():
                pass
    records = store.load_trials(database, opened.stored.id)
    assert len(records) == 10
    assert {record.setting for record in records} == set(opened.spec.settings_list())
    assert {record.state for record in records} == {"complete"}


@pytest.mark.long
def test_the_others_go_on_where_one_is_killed(quick, start, caplog):
    opened = start(quick(n_trials=6, epochs=400))
    with pool_on(opened, 2) as pool:
        wait_until(lambda: training(opened, 2))
        os.kill(pool.handles[0].process.pid, signal.SIGKILL)
        for _ in pool.watch():
            pass
    assert pool.killed == 1
    assert "a worker was killed (status -9); the others go on" in caplog.text
    lost = store.summarize(opened.database, "s").states["lost"]
    assert lost in (0, 1, 2)  # the two controls may be what it held
    whole(opened, 6, lost)


@pytest.mark.long
def test_all_killed_and_resumed(quick, start, work):
    opened = start(quick(n_trials=4, epochs=400, controls=["softmax", "arcface"]))
    with pool_on(opened, 2, fuse=3) as pool:
        wait_until(lambda: training(opened, 2))
        for handle in pool.handles:
            handle.process.kill()
        for _ in pool.watch():
            pass
        assert pool.killed == 2
        assert not pool.is_working()
    asked = [t for t in opened.optuna_study().trials if t.state == TrialState.RUNNING]
    assert work(opened) == 6
    whole(opened, 4, lost=len(asked))
    trials = opened.optuna_study().trials
    for trial in asked:
        (retry,) = [t for t in trials if t.user_attrs.get("retry_of") == trial.number]
        assert retry.params == trial.params


@pytest.mark.long
@pytest.mark.parametrize("hurry", [False, True])
def test_stopping(hurry, quick, start):
    opened = start(quick(n_trials=4, epochs=100_000))
    with pool_on(opened, 2) as pool:
        wait_until(lambda: training(opened, 2))
        began = time.monotonic()
        pool.stop(hurry=lambda: hurry)
        assert time.monotonic() - began < 60
        assert not pool.is_working()
    recover(opened, opened.optuna_study())
    assert store.held(opened.database, opened.stored.id) == []
    records = store.load_trials(opened.database, opened.stored.id)
    causes = {store.kind_of(record.cause) for record in records}
    assert causes <= {"killed" if hurry else "interrupted"}
    assert not opened.optuna_study().get_trials(states=(TrialState.RUNNING,))


@pytest.mark.long
def test_the_time_is_up(quick, start):
    opened = start(quick(n_trials=4, epochs=100_000))
    began = time.monotonic()
    with pool_on(opened, 1) as pool:
        for _ in pool.watch(timeout=2.0):
            pass
        assert pool.is_working()
        assert 2.0 <= time.monotonic() - began < 60
    assert store.held(opened.database, opened.stored.id) == []


@pytest.mark.long
def test_an_error_ends_the_pool_in_one_line(quick, start, tmp_path, monkeypatch, capfd):
    (tmp_path / "crashing_net.py").write_text(
        textwrap.dedent(
            """
            import os
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = nn.Linear(6, 4)

                def forward(self, x):
                    if os.environ.get("CRASH"):
                        raise RuntimeError("no more\\nof this")
                    return self.layer(x)

            def build(input_shape, embedding):
                return Net()
            """
        )
    )
    monkeypatch.chdir(tmp_path)
    opened = start(quick(n_trials=4, epochs=3, net="crashing_net:build"))
    with WorkerPool([]):
        pass  # the process that workers are forked from was started without the crash
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, sys
            from sweeper.errors import StudyGoneError, SweeperError
            from sweeper.launch.worker_pool import WorkerPool
            from sweeper.launch.worker_process import WorkerConfig

            if __name__ == "__main__":
                os.environ["CRASH"] = "1"
                config = WorkerConfig(sys.argv[1], "s", "cpu", 2, allow_nets=("crashing_net",))
                try:
                    with WorkerPool([config] * 2) as pool:
                        for _ in pool.watch():
                            pass
                except SweeperError as error:
                    print(error)
            """
        )
    )
    url = opened.database.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, script, url], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == (
        "the net fails on inputs of (6,): no more of this; finished trials are stored, and the "
        "same command goes on from there\n"
    )
    assert done.stderr == ""


@pytest.mark.long
def test_workers_end_where_their_parent_is_gone(quick, start, tmp_path):
    opened = start(quick(n_trials=4, epochs=100_000))
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            from sweeper.launch.worker_pool import WorkerPool
            from sweeper.launch.worker_process import WorkerConfig

            if __name__ == "__main__":
                with WorkerPool([WorkerConfig(sys.argv[1], "s", "cpu", 2)] * 2) as pool:
                    for _ in pool.watch():
                        pass
            """
        )
    )
    url = opened.database.url.render_as_string(hide_password=False)
    parent = subprocess.Popen([sys.executable, script, url])
    wait_until(lambda: training(opened, 2))
    parent.kill()
    parent.wait()
    wait_until(lambda: not store.held(opened.database, opened.stored.id))
    wait_until(lambda: not opened.optuna_study().get_trials(states=(TrialState.RUNNING,)))
    causes = {record.cause for record in store.load_trials(opened.database, opened.stored.id)}
    assert causes == {"interrupted"}


def test_no_worker_is_left_where_one_cannot_be_started(monkeypatch):
    started = []
    monkeypatch.setattr(
        "sweeper.launch.worker_pool.start_worker", lambda *each: started.append(each) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError), WorkerPool([WorkerConfig("sqlite:///x.db", "s", "cpu")]):
        pass
    assert len(started) == 1


def test_a_study_that_is_not_there_is_one_line(sqlite_database, sqlite_url):
    with (
        pytest.raises(
            SweeperError, match=r"^unknown study 'gone'; there are none yet; finished trials are"
        ),
        WorkerPool([WorkerConfig(sqlite_url, "gone", "cpu")]) as pool,
    ):
        for _ in pool.watch():
            pass


def test_a_study_that_was_renamed_is_the_same_to_its_pool(make_study, sqlite_url):
    opened = make_study(sqlite_url, n_trials=1, controls=[], epochs=1)
    stored = opened.stored
    renamed = stored.spec.replace('"name":"s"', '"name":"new"')
    store.rename_study(opened.database, stored, "new", renamed)
    with WorkerPool([WorkerConfig(sqlite_url, stored, "cpu")]) as pool:
        for _ in pool.watch():
            pass
    assert store.summarize(opened.database, "new").counted == 1


@pytest.mark.parametrize("another", [False, True])
def test_a_study_that_was_deleted_is_not_told_to_be_stored(another, make_study, sqlite_url):
    opened = make_study(sqlite_url)
    store.delete_study(opened.database, opened.stored)
    if another:  # which SQLite gives the id of the first
        assert make_study(sqlite_url, name="another").stored.id == opened.stored.id
    with (
        pytest.raises(StudyGoneError, match=r"^study 's' was deleted; nothing is left to do for"),
        WorkerPool([WorkerConfig(sqlite_url, opened.stored, "cpu")]) as pool,
    ):
        for _ in pool.watch():
            pass
