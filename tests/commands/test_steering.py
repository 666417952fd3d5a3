"""`sweeper pause`, `resume`, `stop`, `rename` and `delete`."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from sweeper import store
from sweeper.launch import run_study, supervisor

SIZES = ("--cold", "--n-trials", 2, "--epochs", 1, "--seeds", 1)


@pytest.fixture
def one(sweeper, clouds):
    assert sweeper("run", clouds, "--study-name", "one", *SIZES, "--workers", 0).status == 0


def said(done):
    assert (done.status, done.out) == (0, "")
    (line,) = done.err.splitlines()
    return line


def test_a_study_is_paused_and_resumed(sweeper, one):
    paused = said(sweeper("pause", "one"))
    assert paused == "study one is paused; to go on: sweeper resume one"
    assert said(sweeper("pause", "one")) == "study one is paused already"
    (row,) = [line for line in sweeper("studies").out.splitlines() if line.startswith("one ")]
    assert " 0/2 (paused) " in row
    assert said(sweeper("resume", "one")).startswith("study one goes on, and so do workers")
    assert said(sweeper("resume", "one")) == "study one is active already"


def test_workers_on_it_are_counted(sweeper, one):
    with store.open_database("sqlite:///sweeper.db") as database:
        study = store.find_study(database, "one").id
        store.reserve(database, study, 2, 2, store.WorkerIdentity.here())
    line = said(sweeper("stop", "one"))
    assert line.startswith("study one is stopped; 1 worker will leave after the epoch; to go on:")


def test_nobody_joins_a_stopped_study(sweeper, clouds, one):
    said(sweeper("stop", "one"))
    for command in (("run", clouds, "--study-name", "one", *SIZES), ("worker", "one")):
        done = sweeper(*command)
        assert done.status == 1
        assert done.err.splitlines()[-1] == (
            "sweeper: study 'one' was stopped: `sweeper resume one` lets workers join it again"
        )
    said(sweeper("resume", "one"))
    assert sweeper("worker", "one").status == 0


def test_a_study_is_renamed(sweeper, one):
    assert said(sweeper("rename", "one", "two words")) == (
        "study one is now two words: `sweeper run` finds it by --study-name 'two words'"
    )
    assert sweeper("worker", "two words").status == 0
    done = sweeper("worker", "one")
    assert (done.status, done.out) == (2, "")
    for name in ("", "two words"):
        done = sweeper("rename", "two words", name)
        assert done.status == (0 if name else 2)
        assert len(done.err.splitlines()) == 1


def test_a_study_is_deleted_where_that_is_meant(sweeper, one):
    done = sweeper("delete", "one")
    assert (done.status, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert "would delete study 'one' for good, with 0 trials, also" in line
    assert line.endswith("add --yes if that is meant")
    assert said(sweeper("delete", "one", "--yes")) == "study one is deleted, with 0 trials"
    done = sweeper("delete", "one", "--yes")
    assert done.status == 2


def test_who_would_delete_hears_of_workers_on_it(sweeper, one):
    with store.open_database("sqlite:///sweeper.db") as database:
        study = store.find_study(database, "one").id
        store.reserve(database, study, 2, 2, store.WorkerIdentity.here())
    done = sweeper("delete", "one")
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("if that is meant; 1 worker on it must be sent home first\n")


def test_a_run_that_waited_while_its_study_was_renamed_uses_the_new_name(
    sweeper, clouds, one, monkeypatch
):
    said(sweeper("pause", "one"))
    waits = Event()
    supervise = supervisor.supervise

    def told(*arguments, **options):
        waits.set()
        return supervise(*arguments, **options)

    monkeypatch.setattr(run_study, "supervise", told)

    def rename():
        assert waits.wait(120)
        time.sleep(1)  # by then a worker waits, or is about to
        with store.open_database("sqlite:///sweeper.db") as database:
            study = store.find_study(database, "one")
            spec = study.spec.replace('"name":"one"', '"name":"two"')
            store.rename_study(database, study, "two", spec)
            store.set_state(database, study.id, "active")

    with ThreadPoolExecutor(1) as pool:
        renamed = pool.submit(rename)
        done = sweeper("run", clouds, "--study-name", "one", *SIZES)
        renamed.result()
    assert done.status == 0, done.err
    assert "details: sweeper results two " in done.err
    assert sweeper("studies").out.splitlines()[1].startswith("two ")


@pytest.mark.parametrize("command", ["pause", "resume", "stop", "delete"])
def test_of_a_study_that_is_not_there_near_names_are_told(command, sweeper, one):
    done = sweeper(command, "onne")
    assert (done.status, done.out) == (2, "")
    assert "one" in done.err
    assert len(done.err.splitlines()) == 1


def test_of_a_finished_study_there_is_nothing_to_pause(sweeper, one):
    assert sweeper("worker", "one").status == 0
    for command in ("pause", "stop"):
        assert said(sweeper(command, "one")) == (
            f"study one is finished: there is nothing to {command}"
        )
    (row,) = [line for line in sweeper("studies").out.splitlines() if line.startswith("one ")]
    assert " 2/2 " in row
    assert "paused" not in row
    assert "stopped" not in row


def test_a_paused_study_is_told_where_workers_are_listed(sweeper, one):
    said(sweeper("pause", "one"))
    done = sweeper("workers")
    assert (done.status, done.out) == (0, "paused, so that workers on it wait unseen: one\n")
