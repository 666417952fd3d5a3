"""What goes wrong at work: a full disk, a busy file, a server that restarts."""

import errno
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter

import optuna
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import NullPool

from sweeper.errors import SweeperError
from sweeper.store import (
    Timing,
    create_study,
    expired,
    explain_errors,
    find_study,
    held,
    list_studies,
    load_trials,
    record_trial,
    summarize,
)
from sweeper.store.database.maintenance import check
from sweeper.store.database.retry import Retry
from sweeper.store.results.frames import curve_table, trial_table

#: The first try again comes at once.
QUICK = Timing(retry_wait=0.001)

FULL = "the disk is full; what was stored before is intact"


@pytest.fixture
def leave_no_room(sqlite_database):
    """Forbid the file to grow, which SQLite reports as it reports a full disk."""

    def limit(engine) -> None:
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            assert connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar() == pages

    return limit


def test_a_full_disk_loses_nothing_that_was_stored(
    sqlite_database, study_record, numbered, leave_no_room
):
    study = create_study(sqlite_database, study_record)
    record_trial(sqlite_database, study.id, numbered(0), "validation")
    leave_no_room(sqlite_database.engine)
    stored = [numbered(0)]

    def fill() -> None:
        for number in range(1, 1000):
            record_trial(sqlite_database, study.id, numbered(number), "validation")
            stored.append(numbered(number))

    with pytest.raises(SweeperError, match=FULL) as raised:
        fill()
    assert str(raised.value).startswith(sqlite_database.name)
    sqlite_database.engine.dispose()  # the limit belongs to the connection: as if room were made
    assert check(sqlite_database) == []
    assert load_trials(sqlite_database, study.id) == stored
    assert record_trial(sqlite_database, study.id, numbered(len(stored)), "validation")


def test_a_full_disk_under_optuna_is_the_same_line(sqlite_database, leave_no_room):
    search = optuna.create_study(storage=sqlite_database.optuna_storage)
    leave_no_room(sqlite_database.optuna_storage.engine)

    def fill() -> None:
        with explain_errors():
            for number in range(1000):
                search.set_user_attr(f"key {number}", "x" * 1000)

    with pytest.raises(SweeperError, match=FULL):
        fill()


def test_a_file_that_may_not_grow_keeps_what_it_has(sqlite_database, study_record, numbered):
    """A limit of the system on the file's size: another failure of the disk, in another process."""
    study = create_study(sqlite_database, study_record)
    record_trial(sqlite_database, study.id, numbered(0), "validation")
    script = (
        "import sys, signal, resource\n"
        "from sweeper.store import *\n"
        "from dataclasses import replace\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with open_database(sys.argv[1]) as database:\n"
        "    trial = load_trials(database, int(sys.argv[2]))[0]\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "    for number in range(1, 1000):\n"
        "        print(number, flush=True)\n"
        "        record_trial(database, int(sys.argv[2]), replace(trial, number=number), "
        "'validation')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(sqlite_database.url), str(study.id)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SweeperError: sqlite:///" in done.stderr
    assert "the disk failed, or is full" in done.stderr
    last = int(done.stdout.split()[-1])
    assert last > 1
    assert check(sqlite_database) == []
    assert load_trials(sqlite_database, study.id) == [numbered(each) for each in range(last)]


def test_a_disk_that_is_really_full(tmp_path):
    """A file system of 1 MB: what fits is stored, and can be read while the disk is full."""
    script = (
        "import sys\n"
        "from sweeper.errors import SweeperError\n"
        "from sweeper.registry.setting import Setting\n"
        "from sweeper.store import *\n"
        "from sweeper.store.database.maintenance import check\n"
        "dataset = DatasetRecord('d', 'd', 'f', 1, 2, (1,), ('a', 'b'))\n"
        "task = TaskRecord(dataset, 'n', 1, 1, 1, 0.0, 0, 's')\n"
        "with open_database(sys.argv[1], create=True) as database:\n"
        "    study = create_study(database, StudyRecord('s', 'search', task, '{}', 1, '0', 1))\n"
        "    curve = tuple(EpochRecord(epoch, 1.0) for epoch in range(100))\n"
        "    stored = []\n"
        "    try:\n"
        "        while True:\n"
        "            seeds = (SeedRecord(0, {'accuracy': 1.0}, curve),)\n"
        "            trial = TrialRecord(Setting(), 'complete', len(stored), seeds=seeds)\n"
        "            record_trial(database, study.id, trial, 'validation')\n"
        "            stored.append(trial)\n"
        "    except SweeperError as error:\n"
        "        print(error)\n"
        "    print(len(stored) > 10, load_trials(database, study.id) == stored, check(database))\n"
    )
    mount = f"mount -t tmpfs -o size=1m none '{tmp_path}' || exit 77; exec \"$@\""
    own_mounts = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    try:
        done = subprocess.run(
            [*own_mounts, sys.executable, "-c", script, f"sqlite:///{tmp_path}/a.db"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip(f"file systems cannot be mounted here: {done.stderr.strip()}")
    said = done.stdout.splitlines()
    assert FULL in said[0], done.stderr
    assert said[1] == "True True []"


def test_a_full_disk_anywhere_else_is_the_same_line():
    with pytest.raises(SweeperError, match=FULL), explain_errors():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_busy_file_is_named(sqlite_database, monkeypatch):
    blocker = sqlite3.connect(str(sqlite_database.url.database))
    blocker.execute("BEGIN IMMEDIATE")
    with sqlite_database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=10")
    with pytest.raises(SweeperError, match="another process has held the database"):
        sqlite_database.transact(lambda session: session.execute(text("SELECT 1")))
    blocker.close()


def test_missing_tables_point_to_the_check(database):
    with pytest.raises(SweeperError, match="sweeper db check"), database.session() as session:
        session.execute(text("SELECT * FROM sweeper_nothing"))


def test_a_fault_of_the_program_stays_one(database):
    with pytest.raises(IntegrityError), database.session() as session:
        session.execute(
            text("INSERT INTO sweeper_alembic_version SELECT * FROM sweeper_alembic_version")
        )
    with pytest.raises(KeyError), explain_errors():
        raise KeyError("x")


def test_a_cut_connection_is_replaced_and_the_transaction_repeated(postgres_database):
    tries = []

    def action(session) -> int:
        tries.append(session.scalars(text("SELECT pg_backend_pid()")).one())
        if len(tries) < 3:
            with postgres_database.engine.connect() as other:
                other.execute(text(f"SELECT pg_terminate_backend({tries[-1]})"))
        return session.scalars(text("SELECT 42")).one()

    assert postgres_database.transact(action) == 42
    assert len(set(tries)) == 3


def cut(engine) -> None:
    """End the connections that lie in an engine's pool, as a restart of the server does."""
    with engine.connect() as kept:
        victim = kept.scalar(text("SELECT pg_backend_pid()"))
    with create_engine(engine.url, poolclass=NullPool).connect() as killer:
        assert killer.scalar(text(f"SELECT pg_terminate_backend({victim}, 5000)"))


def test_a_connection_cut_while_it_lay_idle_is_replaced_unseen(postgres_database):
    """Without a second try: Optuna makes none."""
    storage = postgres_database.optuna_storage
    for engine in (postgres_database.engine, storage.engine):
        cut(engine)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 42")) == 42
    cut(storage.engine)
    assert storage.get_all_studies() == []


@pytest.mark.parametrize(
    "read",
    [
        lambda database, study: find_study(database, study.name) == study,
        lambda database, study: list_studies(database)[0].study == study,
        lambda database, study: summarize(database, study.name).study == study,
        lambda database, study: len(load_trials(database, study.id)) == 1,
        lambda database, study: held(database, study.id) == [],
        lambda database, study: expired(database, study.id) == [],
        lambda database, study: len(trial_table(database, study.id)) == 1,
        lambda database, study: len(curve_table(database, study.id)) == 6,
    ],
)
def test_every_read_is_repeated_after_a_cut(postgres_database, study_record, trial, read):
    study = create_study(postgres_database, study_record)
    record_trial(postgres_database, study.id, trial, "validation")
    killer = create_engine(postgres_database.url, poolclass=NullPool)
    victims = []

    def cut_in_between(connection, *_: object) -> None:
        if not victims:
            with connection.connection.cursor() as cursor:
                victims.append(cursor.execute("SELECT pg_backend_pid()").fetchone()[0])
            with killer.connect() as other:
                other.execute(text(f"SELECT pg_terminate_backend({victims[0]}, 5000)"))

    event.listen(postgres_database.engine, "before_cursor_execute", cut_in_between)
    assert read(postgres_database, study)
    assert victims


def test_an_ask_of_optuna_is_repeated_after_a_cut(postgres_database):
    storage = postgres_database.optuna_storage
    search = optuna.create_study(storage=storage)
    cut = []

    def ask() -> int:
        if not cut:
            session = storage.scoped_session()
            cut.append(session.scalars(text("SELECT pg_backend_pid()")).one())
            with postgres_database.engine.connect() as other:
                other.execute(text(f"SELECT pg_terminate_backend({cut[0]})"))
        return search.ask().number

    assert postgres_database.retry(ask) == 0
    assert cut


def test_a_server_that_stays_away_ends_in_one_line(postgres_database):
    tries, retry = [], Retry(QUICK)

    def action() -> None:
        tries.append(1)
        with explain_errors(postgres_database.name):
            raise OperationalError("SELECT 1", {}, refused())

    with pytest.raises(SweeperError, match="Connection refused"), retry.timeout(0.05):
        retry(action)
    assert 3 <= len(tries) <= 12


def test_the_timeout_ends_where_a_worker_is_asked_to_stop(caplog):
    tries, retry = [], Retry(QUICK)

    def action() -> None:
        tries.append(1)
        raise OperationalError("SELECT 1", {}, refused())

    with pytest.raises(OperationalError), retry.timeout(60, lambda: len(tries) == 3):
        retry(action)
    assert len(tries) == 3


def test_a_database_that_was_away_is_settled_once_all_have_found_it_again():
    """After three of the longest waits; another database says nothing of it."""
    away, other = (Retry(Timing(retry_wait=0.001, longest_retry_wait=0.5)) for _ in range(2))
    errors = [refused()]

    def action() -> None:
        if errors:
            raise OperationalError("SELECT 1", {}, errors.pop())

    assert away.is_settled()
    away(action)
    assert not away.is_settled()
    assert other.is_settled()
    time.sleep(1.6)
    assert away.is_settled()


def test_a_timeout_holds_for_its_own_thread():
    tries, retry = Counter(), Retry(Timing(retry_wait=0.001, longest_retry_wait=0.01, timeout=0.2))

    def action() -> None:
        tries[threading.current_thread().name] += 1
        raise OperationalError("SELECT 1", {}, refused())

    def other() -> None:
        with pytest.raises(OperationalError):
            retry(action)

    thread = threading.Thread(target=other, name="other")
    with retry.timeout(0):
        thread.start()
        thread.join()
        with pytest.raises(OperationalError):
            retry(action)
    assert tries["MainThread"] == 1
    assert tries["other"] > 1


def refused() -> Exception:
    import psycopg

    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect("host=127.0.0.1 port=1")
    return raised.value


def test_what_would_come_again_is_not_repeated(database):
    tries = []

    def action() -> None:
        tries.append(1)
        with database.session() as session:
            session.execute(text("SELECT * FROM sweeper_nothing"))

    with pytest.raises(SweeperError):
        database.retry(action)
    assert len(tries) == 1
