"""Opening a database: its tables made once, its connections fit for several writers."""

import sqlite3
import threading
import time
from pathlib import Path

import optuna
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.store import (
    create_study,
    expired,
    find_study,
    held,
    list_studies,
    load_trials,
    open_database,
    record_trial,
    summarize,
)
from sweeper.store.database.maintenance import check
from sweeper.store.results.frames import curve_table, trial_table


def test_tables_are_made_whole(storage_url):
    with open_database(storage_url, create=True) as database:
        names = set(inspect(database.engine).get_table_names())
        assert {"sweeper_trials", "sweeper_leases", "trials", "studies"} <= names
        assert check(database) == []
    with open_database(storage_url) as database, database.session() as session:
        assert session.scalars(text("SELECT count(*) FROM sweeper_studies")).one() == 0


def test_processes_that_start_at_once_make_the_tables_once(storage_url, run_together):
    imports = "import optuna; from sweeper.store import open_database; import alembic.command"
    script = (
        "with open_database(sys.argv[2], create=True) as database:\n"
        "    optuna.create_study(storage=database.optuna_storage, study_name='s', "
        "load_if_exists=True)"
    )
    run_together(4, imports, script, storage_url)
    with open_database(storage_url) as database:
        assert check(database) == []
        with database.session() as session:
            for table in ("alembic_version", "sweeper_alembic_version", "version_info", "studies"):
                assert session.scalars(text(f"SELECT count(*) FROM {table}")).one() == 1, table


def test_a_database_of_optuna_gets_our_tables_beside_its_own(storage_url, study_record):
    url = storage_url.replace("postgresql:", "postgresql+psycopg:")
    before = optuna.create_study(storage=url, study_name="theirs")
    before.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    before._storage._backend.engine.dispose()  # type: ignore[attr-defined]
    with pytest.raises(SweeperError, match="no tables of sweeper"):
        open_database(storage_url)
    with open_database(storage_url, create=True) as database:
        create_study(database, study_record)
        theirs = optuna.load_study(study_name="theirs", storage=database.optuna_storage)
        assert len(theirs.trials) == 2
        assert check(database) == []


def test_deleting_the_optuna_study_leaves_ours(database, study_record, study, trial):
    optuna.create_study(storage=database.optuna_storage, study_name=study.name)
    record_trial(database, study.id, trial, "validation")
    optuna.delete_study(study_name=study.name, storage=database.optuna_storage)
    assert find_study(database, study.name) == study
    assert load_trials(database, study.id) == [trial]


def test_the_name_of_a_file_may_hold_signs_that_urls_and_templates_use(tmp_path):
    file = tmp_path / "{runs} 100%.db"
    with open_database(f"sqlite:///{file}", create=True) as database:
        optuna.create_study(storage=database.optuna_storage, study_name="s")
    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT study_name FROM studies").fetchall() == [("s",)]
    plain.close()
    assert [each for each in tmp_path.iterdir() if each.suffix == ".db"] == [file]


def test_sqlite_pragmas_are_in_force_on_optunas_connections_too(sqlite_database):
    for engine in (sqlite_database.engine, sqlite_database.optuna_storage.engine):
        with engine.connect() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "busy_timeout")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 60_000}


def test_a_reader_on_sqlite_waits_for_no_writer_and_holds_none_up(
    sqlite_database, study_record, trial
):
    study = create_study(sqlite_database, study_record)
    record_trial(sqlite_database, study.id, trial, "validation")
    reads = [
        lambda: find_study(sqlite_database, study.name),
        lambda: list_studies(sqlite_database),
        lambda: summarize(sqlite_database, study.name),
        lambda: load_trials(sqlite_database, study.id),
        lambda: held(sqlite_database, study.id),
        lambda: expired(sqlite_database, study.id),
        lambda: len(trial_table(sqlite_database, study.id)),
        lambda: len(curve_table(sqlite_database, study.id)),
    ]
    expected = [read() for read in reads]
    writer = sqlite3.connect(str(sqlite_database.url.database), timeout=0)
    with sqlite_database.engine.connect() as connection:  # so that a reader that waits fails soon
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=10")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM sweeper_curves")
    assert [read() for read in reads] == expected
    writer.rollback()

    def read_beside_a_writer(session: Session) -> None:
        session.execute(text("SELECT * FROM sweeper_studies"))
        writer.execute("BEGIN IMMEDIATE")
        writer.rollback()

    sqlite_database.read(read_beside_a_writer)
    writer.close()


def test_a_read_sees_one_moment(database, study, numbered):
    def read(session: Session) -> list[int]:
        counts = []
        for number in range(2):
            counts.append(session.scalars(text("SELECT count(*) FROM sweeper_trials")).one())
            record_trial(database, study.id, numbered(number), "validation")
        return counts

    assert database.read(read) == [0, 0]
    assert len(load_trials(database, study.id)) == 2


def test_every_sqlite_transaction_that_may_write_locks_from_its_start(sqlite_database, sqlite_url):
    file = sqlite_url.removeprefix("sqlite:///")
    for engine in (sqlite_database.engine, sqlite_database.optuna_storage.engine):
        other = sqlite3.connect(file, timeout=0)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.close()


def test_postgresql_sessions_see_utc_even_with_options_of_the_user(postgres_database):
    url = postgres_database.url.update_query_dict({"options": "-c timezone=Asia/Tokyo"})
    with open_database(url.render_as_string(hide_password=False)) as database:
        for engine in (database.engine, database.optuna_storage.engine):
            with engine.connect() as connection:
                assert connection.scalar(text("SHOW timezone")) in ("utc", "UTC")


def test_optuna_and_we_write_from_many_threads(database, study, numbered):
    search = optuna.create_study(storage=database.optuna_storage, study_name="s")
    failures = []

    def work() -> None:
        try:
            for _ in range(3):
                asked = search.ask()
                x = asked.suggest_float("x", 0, 1)
                search.tell(asked, x)
                record_trial(database, study.id, numbered(asked.number), "validation")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [record.number for record in load_trials(database, study.id)] == list(range(12))


def refusal(url: str, create: bool = False) -> str:
    with pytest.raises(SweeperError) as raised:
        open_database(url, create)
    line = str(raised.value)
    assert "\n" not in line
    assert raised.value.status == 1
    return line


def test_a_missing_file_is_not_made_unasked(sqlite_url, tmp_path):
    assert "no database at" in refusal(sqlite_url)
    assert "`sweeper run STUDY` makes one" in refusal(sqlite_url)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_has_no_tables(sqlite_url, tmp_path):
    (tmp_path / "sweeper.db").touch()
    assert "no tables of sweeper" in refusal(sqlite_url)


def test_a_file_of_another_kind_is_left_as_it_is(sqlite_url, tmp_path):
    file = tmp_path / "sweeper.db"
    file.write_bytes(b"This is a letter, and not a database at all. " * 50)
    before = file.read_bytes()
    for create in (False, True):
        assert "not a database" in refusal(sqlite_url, create)
    assert file.read_bytes() == before


def test_folders_that_do_not_fit(tmp_path):
    assert "is a folder" in refusal(f"sqlite:///{tmp_path}", create=True)
    assert "no folder" in refusal(f"sqlite:///{tmp_path}/none/a.db", create=True)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_where_nothing_can_be_written():
    assert "must be readable and writable" in refusal("sqlite:////proc/self/a.db", create=True)


def test_a_server_that_does_not_answer():
    started = time.monotonic()
    line = refusal("postgresql://me:secret@127.0.0.1:1/d", create=True)
    assert "Connection refused" in line
    assert "secret" not in line
    assert time.monotonic() - started < 5


def test_an_unknown_postgresql_database(postgres_url):
    assert "does not exist" in refusal(postgres_url.replace("/sweeper_", "/other_"))
    assert "no tables of sweeper" in refusal(postgres_url)


def test_a_wrong_password(postgres_database):
    with postgres_database.session() as session:
        rules = Path(session.scalars(text("SHOW hba_file")).one())
        role = "locked_" + str(postgres_database.url.database)[-8:]
        session.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'right'"))
    if not rules.is_file():
        pytest.skip("the server's rules are on another machine")
    kept = rules.read_text()
    try:
        rules.write_text(f"local all {role} scram-sha-256\n{kept}")
        with postgres_database.session() as session:
            session.execute(text("SELECT pg_reload_conf()"))
        time.sleep(0.2)
        url = postgres_database.url.set(username=role, password="wr0ng")
        line = refusal(url.render_as_string(hide_password=False))
        assert "password authentication failed" in line
        assert "wr0ng" not in line
    finally:
        rules.write_text(kept)
        with postgres_database.session() as session:
            session.execute(text(f"DROP ROLE {role}"))
            session.execute(text("SELECT pg_reload_conf()"))
