"""`sweeper run`: from the first trial to the last, whatever comes between."""

import json
import os
import re
import resource
import signal
import sqlite3
import textwrap

import numpy as np
import pytest
from optuna.trial import TrialState

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.launch.planning import TIMING
from sweeper.store import open_database
from sweeper.study.open_study import find

on_sqlite = pytest.mark.parametrize("storage_url", ["sqlite_url"], indirect=True)
NAME = "clouds.npz-arcface-accuracy"


def run(clouds, url, n_trials, epochs=300, *more):
    """The arguments of a small study."""
    sizes = ("--n-trials", n_trials, "--epochs", epochs, "--seeds", 2, "--workers", 2, "--yes")
    whole = ("--pruner", "none")
    return "run", clouds, "--loss", "arcface", "--cold", "--storage", url, *whole, *sizes, *more


def held(opened):
    """Return the leases of what a worker has taken."""
    try:
        database = opened()
        (summary,) = store.list_studies(database)
    except (SweeperError, ValueError):
        return []
    return store.held(database, summary.study.id)


def training(opened, workers=2):
    """Return whether so many workers are in the middle of training."""
    return len({lease.worker.name for lease in held(opened) if lease.epochs}) >= workers


def trial_taken(opened):
    """Return whether a trial, and not only a control, is held.

    Its epochs do not tell: where the database is busy they are not noted for a while, and the
    training is short.
    """
    return any(lease.number is not None for lease in held(opened))


def whole(database, n_trials, epochs=300):
    """Check that the budget is exact, that nothing is open, and that every row is whole."""
    study = find(database, NAME, ["my_net"])
    summary = store.summarize(database, NAME)
    assert (summary.counted, summary.live) == (n_trials, 0)
    assert store.held(database, study.stored.id) == []
    records = store.load_trials(database, study.stored.id)
    for record in records:
        if record.state == "complete":
            assert [len(seed.curve) for seed in record.seeds] == [epochs] * 2
            assert [len(seed.classes) for seed in record.seeds] == [7] * 2
            assert all("accuracy" in seed.values for seed in record.seeds)
    assert sorted(r.control for r in records if r.control) == sorted(study.spec.control_settings())
    trials = study.optuna_study().trials
    states = [trial.state for trial in trials]
    assert states.count(TrialState.COMPLETE) == n_trials
    assert not {TrialState.RUNNING, TrialState.WAITING} & set(states)
    return records, trials


def nothing_open(database):
    """Check that no trial is open, and that each one that ended has a copy in the queue."""
    study = find(database, NAME, ["my_net"])
    assert store.held(database, study.stored.id) == []
    trials = study.optuna_study().trials
    assert not [trial for trial in trials if trial.state == TrialState.RUNNING]
    ended = {trial.number for trial in trials if trial.state == TrialState.FAIL}
    assert ended == {trial.user_attrs.get("retry_of") for trial in trials} - {None}
    return ended


@pytest.mark.long
def test_from_the_first_to_the_last(clouds, storage_url, opened, begin, end):
    done = end(begin(*run(clouds, storage_url, 5, 2)))
    assert done.status == 0
    assert "Traceback" not in done.err
    waited = (f"reading {clouds}", TIMING, "asking what is known of other data sets")
    lines = [line for line in done.err.splitlines() if line not in waited]  # to who has to wait
    assert lines[0] == f"new search {NAME}: accuracy of arcface on {clouds}"
    assert lines[1].startswith("5 trials × 2 seeds × 2 epochs, net head, ")
    assert lines[2].startswith("note: 28 samples to choose by, each of which weighs 3.6 points")
    assert lines[3].startswith("note: embeddings stay as they are")
    assert re.fullmatch(r"about \d+ s( or less)? with 2 workers, 1 trial per array", lines[4])
    assert lines[-1].startswith(f"details: sweeper results {NAME} --storage ")
    assert re.findall(r"^(trial \d|softmax|arcface) ", done.out, re.MULTILINE)[-2:] == [
        "arcface",
        "softmax",
    ]
    before, _ = whole(opened(), 5, 2)

    again = end(begin(*run(clouds, storage_url, 5, 2)))
    assert again.status == 0
    assert "\nresuming search" in f"\n{again.err}"
    assert again.out == done.out
    assert whole(opened(), 5, 2)[0] == before

    assert end(begin(*run(clouds, storage_url, 8, 2))).status == 0
    after, _ = whole(opened(), 8, 2)
    assert [record for record in after if record in before] == before


@on_sqlite
@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "status", "said", "cause"),
    [
        (
            signal.SIGINT,
            130,
            "stopping: what is unfinished is handed back; Ctrl-C again does not wait",
            "interrupted",
        ),
        (
            signal.SIGTERM,
            0,
            "leaving: the epoch is finished, saved and handed back; Ctrl-C does not wait",
            "preempted",
        ),
    ],
    ids=["SIGINT", "SIGTERM"],
)
def test_stopped_in_the_middle(
    number, status, said, cause, clouds, storage_url, opened, begin, end, until
):
    process = begin(*run(clouds, storage_url, 6, 100_000))
    until(lambda: training(opened))
    # As a terminal does: every process of the group gets it.
    os.killpg(process.pid, number)
    done = end(process)
    assert done.status == status
    assert done.err.splitlines()[-4:] == [
        said,
        "stopped, nothing is half-written: run the same command again to go on",
        "",
        done.err.splitlines()[-1],
    ]
    assert done.err.splitlines()[-1].startswith("details: sweeper results")
    assert "Traceback" not in done.err
    assert done.out == "no trial is complete yet\n"
    database = opened()
    study = find(database, NAME)
    nothing_open(database)
    assert {r.cause for r in store.load_trials(database, study.stored.id)} <= {cause}


@pytest.mark.long
def test_interrupted_and_resumed(clouds, storage_url, opened, begin, end, until):
    process = begin(*run(clouds, storage_url, 4, 300))
    until(lambda: trial_taken(opened))
    os.killpg(process.pid, signal.SIGINT)
    assert end(process).status == 130
    interrupted = nothing_open(opened())
    assert interrupted
    assert end(begin(*run(clouds, storage_url, 4, 300))).status == 0
    _, trials = whole(opened(), 4, 300)
    for number in interrupted:
        (retry,) = [t for t in trials if t.user_attrs.get("retry_of") == number]
        assert retry.state == TrialState.COMPLETE
        assert retry.params == trials[number].params


@pytest.mark.long
@pytest.mark.parametrize("moment", [0.5, 2.0, 4.0])
def test_interrupted_at_any_moment_of_the_start(moment, clouds, sqlite_url, begin, end):
    process = begin(*run(clouds, sqlite_url, 4, 100_000))
    try:
        process.wait(moment)
    except Exception:  # it still works
        os.killpg(process.pid, signal.SIGINT)
    done = end(process)
    assert "Traceback" not in done.err
    assert done.status in (130, -signal.SIGINT)  # before Python is up there is no one to say why
    if (clouds.parent / "sweeper.db").exists():
        assert end(begin(*run(clouds, sqlite_url, 4, 100_000, "--timeout", 1))).status == 0


@pytest.mark.long
def test_the_whole_group_is_killed(clouds, storage_url, opened, begin, end, until):
    process = begin(*run(clouds, storage_url, 3, 300))
    until(lambda: trial_taken(opened))
    os.killpg(process.pid, signal.SIGKILL)
    assert end(process).status == -signal.SIGKILL
    study = find(opened(), NAME)
    running = study.optuna_study().get_trials(states=(TrialState.RUNNING,))
    assert running
    done = end(begin(*run(clouds, storage_url, 3, 300)))
    assert done.status == 0
    records, trials = whole(opened(), 3, 300)
    killed = {record.number for record in records if store.kind_of(record.cause) == store.KILLED}
    assert killed == {trial.number for trial in running}
    for number in killed:
        (retry,) = [t for t in trials if t.user_attrs.get("retry_of") == number]
        assert retry.params == trials[number].params


@on_sqlite
@pytest.mark.long
def test_time_is_up(clouds, storage_url, opened, begin, end):
    done = end(begin(*run(clouds, storage_url, 4, 100_000, "--timeout", 3)))
    assert done.status == 0
    assert "time is up with 10 still to train: run the same command again to go on" in done.err
    assert done.out == "no trial is complete yet\n"
    nothing_open(opened())


@on_sqlite
@pytest.mark.long
def test_two_runs_at_the_same_moment(clouds, storage_url, opened, begin, end, folder):
    file = folder / "fixed.toml"
    file.write_text(
        textwrap.dedent(
            f"""
            kind = "experiment"
            dataset = "{clouds}"
            epochs = 2
            seeds = 2
            [[settings]]
            loss = "softmax"
            [[settings]]
            loss = "arcface"
            m2 = [0.1, 0.2, 0.3]
            scale = [4, 8]
            """
        )
    )
    runs = [begin("run", file, "--storage", storage_url, "--workers", 2) for _ in range(2)]
    for done in map(end, runs):
        assert (done.status, "Traceback" in done.err) == (0, False), done.err
    study = find(opened(), "fixed")
    records = store.load_trials(opened(), study.stored.id)
    assert len(records) == 7
    assert {record.setting for record in records} == set(study.spec.settings_list())
    trials = study.optuna_study().trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 7


NET = """
from torch import nn

class Net(nn.Module):
    calls = 0

    def __init__(self, features, embedding):
        super().__init__()
        self.layer = nn.Linear(features, embedding)

    def forward(self, x):
        Net.calls += 1
        if Net.calls > {calls}:
            raise RuntimeError("out of\\nideas")
        return self.layer(x)

def build(input_shape, embedding):
    return Net(input_shape[0], embedding)
"""


@pytest.mark.long
@pytest.mark.parametrize("calls", [2, 5, 200])  # in the dry run, in the estimate, in a worker
def test_a_net_of_the_users_own_that_fails(calls, clouds, sqlite_url, begin, end, folder):
    (folder / "my_net.py").write_text(NET.format(calls=calls))
    command = run(clouds, sqlite_url, 3, 50, "--net", "my_net:build")
    done = end(begin(*command))
    assert done.status == 1
    errors = [line for line in done.err.splitlines() if "ideas" in line]
    assert len(errors) == 1
    assert done.err.splitlines()[-1] == errors[0]
    assert errors[0].startswith(
        "sweeper: net 'my_net:build' failed: RuntimeError: out of ideas (my_net.py, line 14)"
    )
    assert "Traceback" not in done.err
    (folder / "my_net.py").write_text(NET.format(calls=10**9))
    with open_database(sqlite_url) as database:
        nothing_open(database)
        assert end(begin(*command)).status == 0
        whole(database, 3, 50)


@pytest.mark.long
def test_a_full_disk_loses_nothing(clouds, sqlite_url, begin, end, folder):
    assert end(begin(*run(clouds, sqlite_url, 4, 20))).status == 0
    with open_database(sqlite_url) as database:
        before, _ = whole(database, 4, 20)
    largest = max(file.stat().st_size for file in folder.glob("sweeper.db*"))
    limit = largest + 2_000_000

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = end(begin(*run(clouds, sqlite_url, 60, 20), preexec_fn=limited))
    assert done.status == 1
    assert "Traceback" not in done.err
    last = done.err.splitlines()[-1]
    assert last.startswith("sweeper: ")
    assert re.search(r"the disk (is|failed, or is) full", last)
    with sqlite3.connect(folder / "sweeper.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with open_database(sqlite_url) as database:
        study = find(database, NAME)
        records = store.load_trials(database, study.stored.id)
        assert [record for record in records if record in before] == before
        reached = store.summarize(database, NAME).counted
        assert 4 < reached < 60
    assert end(begin(*run(clouds, sqlite_url, 60, 20))).status == 0
    with open_database(sqlite_url) as database:
        whole(database, 60, 20)


def test_only_made(clouds, sqlite_url, sweeper):
    done = sweeper(*run(clouds, sqlite_url, 4, 2, "--workers", 0))
    assert (done.status, done.out) == (0, "")
    last = done.err.splitlines()[-1]
    assert last == f"start workers with: sweeper worker {NAME} --storage {sqlite_url}"
    done = sweeper("run", clouds, "--workers", 0, "--epochs", 1)
    assert done.err.splitlines()[-1].endswith("sweeper worker clouds.npz-combined-accuracy")
    worked = sweeper("worker", NAME, "--storage", sqlite_url, "--fuse", 2, "--device", "cpu")
    assert (worked.status, worked.out) == (0, "")
    assert worked.err.endswith("10 trials done by this worker, controls included\n")
    with open_database(sqlite_url) as database:
        whole(database, 4, 2)
    done = sweeper(*run(clouds, sqlite_url, 4, 2))
    assert done.status == 0
    assert "4 complete trials of 4; mean ± standard deviation of 2 seeds" in done.out
    done = sweeper("results", NAME, "--storage", sqlite_url, "--format", "json")
    assert json.loads(done.out)["states"]["complete"] == 4


def test_until_settled_stops_early_and_says_so(sweeper, tmp_path):
    rng = np.random.default_rng(0)
    labels = np.arange(800) % 4
    points = (2 * np.eye(6)[labels] + rng.normal(size=(800, 6))).astype(np.float32)
    np.savez(tmp_path / "clouds.npz", embeddings=points, labels=labels)
    clouds = tmp_path / "clouds.npz"
    small = ("--epochs", 20, "--seeds", 3, "--study-name", "early", "--workers", 1)
    first = sweeper("run", clouds, "--until", "settled", "--n-trials", 2, *small)
    assert first.status == 0
    assert "settled" not in first.out  # two trials are too few to say
    done = sweeper("run", clouds, "--until", "settled", "--n-trials", 200, *small)
    assert done.status == 0
    assert "not needed: run the same command without --until to go on" in done.err
    assert "settled after " in done.out
    content = json.loads(sweeper("results", "early", "--format", "json").out)
    assert content["outlook"]["settled"]
    assert 10 <= content["states"]["complete"] + content["states"]["pruned"] < 200
    fewer = sweeper("run", clouds, "--until", "settled", "--n-trials", 3, *small)
    assert "--n-trials 3 changes nothing: the study has 200 trials already" in fewer.err


def test_a_search_by_two_objectives_cannot_settle(sweeper, clouds):
    several = ("--objective", "accuracy,compactness", "--until", "settled")
    done = sweeper("run", clouds, *several)
    assert done.status == 2
    assert "--until settled: only a search by one objective settles" in done.err
