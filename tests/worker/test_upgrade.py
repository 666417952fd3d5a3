"""Studies of a database that the program of version 0004 made go on after an upgrade."""

import sqlite3
from pathlib import Path

import pytest
import torch
from optuna.trial import TrialState

from sweeper import __version__, store
from sweeper.store.database.maintenance import upgrade
from sweeper.study.open_study import find
from sweeper.worker.study_worker import StudyWorker

DUMP = Path(__file__).with_name("database_of_0004.sql")
FORMER = ("normalised", "neighbour", "subcentre", "pre-empted")


@pytest.fixture
def database(tmp_path):
    """The database, upgraded."""
    file = tmp_path / "before.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(DUMP.read_text())
        connection.execute("UPDATE sweeper_studies SET code_version = ?", (__version__,))
    connection.close()
    with store.open_database(f"sqlite:///{file}", any_version=True) as database:
        upgrade(database)
    with store.open_database(f"sqlite:///{file}") as database:
        yield database


def work_on(database, name, n_trials):
    """Give a study a larger budget and work on it to its end; return it."""
    study = store.find_study(database, name)
    store.set_n_trials(database, study.id, n_trials)
    opened = find(database, name)
    StudyWorker(opened, torch.device("cpu"), fuse=1).work()
    assert store.summarize(database, name).counted == n_trials
    return opened


def test_no_name_of_before_is_left_but_a_studys_own(database):
    with database.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        cells = {
            str(cell)
            for (table,) in tables.all()
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
            for cell in row
        }
    found = {cell for cell in cells if any(word in cell for word in FORMER)}
    (spec,) = found - {"normalised-softmax"}
    assert spec.count("ised") == 1
    assert '"name":"normalised-softmax"' in spec


def test_a_search_goes_on_from_its_trials(database):
    opened = work_on(database, "normalised-softmax", 4)
    records = store.load_trials(database, opened.stored.id)
    assert [record.control for record in records if record.control] == ["normalized-softmax"]
    trials = opened.optuna_study().trials
    assert [set(trial.params) for trial in trials] == [set(opened.spec.space)] * 4
    assert {record.setting.losses for record in records[:4]} == {
        "normalized-softmax + sigma2r + soft-nearest-neighbor"
    }
    for record, trial in zip(records, trials, strict=False):
        assert record.setting["subcenters"] == trial.params["subcenters"]
        assert record.setting["sigma2r.n_neighbors"] == trial.params["sigma2r.n_neighbors"]
        assert list(record.seeds[0].curve[0].class_values) == ["sigma2r.growth"]


def test_a_grid_goes_on_with_the_points_that_are_left(database):
    opened = work_on(database, "grid", 4)
    points = {tuple(sorted(t.params.items())) for t in opened.optuna_study().trials}
    assert len(points) == 4


def test_an_experiment_goes_on_where_it_was_preempted(database):
    """Its checkpoint cannot be read any more: the setting is trained from the start."""
    opened = find(database, "exp")
    assert StudyWorker(opened, torch.device("cpu"), fuse=1).work() == 2
    records = store.load_trials(database, opened.stored.id)
    done = {record.setting for record in records if record.state == "complete"}
    assert done == set(opened.spec.settings_list())
    states = [trial.state for trial in opened.optuna_study().trials]
    assert states.count(TrialState.COMPLETE) == 3
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM sweeper_checkpoints").all() == []
