"""How many connections a database takes of a server that has few."""

import threading
import time
from contextlib import ExitStack

import optuna
import psycopg
import pytest
from sqlalchemy import URL, make_url, text

from sweeper.errors import SweeperError
from sweeper.store import Timing, create_study, expired, find_study, list_studies, open_database

WORKERS = 12


def plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def count(url: URL) -> int:
    """Count the connections to a database, without the one that counts."""
    with psycopg.connect(plain(url)) as admin:
        query = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND datname = %s AND pid <> %s"
        )
        found = admin.execute(query, (url.database, admin.info.backend_pid)).fetchone()
    return found[0]


def count_settled(url: URL, expected: int) -> int:
    """Count once those that were closed have ended, for which a server takes a moment."""
    deadline = time.monotonic() + 5
    while (found := count(url)) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def use_all(database, name: str) -> None:
    """Do what a worker does between two arrays: our tables, Optuna's, and both under the lock."""
    find_study(database, name)
    study = optuna.load_study(study_name="s", storage=database.optuna_storage)
    with database.schema_lock(alone=True):
        study.set_user_attr("rank", study.user_attrs.get("rank", 0) + 1)
    study.tell(study.ask(), 0.5)
    list_studies(database)


def test_a_worker_that_trains_keeps_one_connection(postgres_url, study_record):
    with open_database(postgres_url, create=True) as first:
        create_study(first, study_record)
        optuna.create_study(study_name="s", storage=first.optuna_storage)
    assert count_settled(first.url, 0) == 0
    with ExitStack() as stack:
        workers = [stack.enter_context(open_database(postgres_url)) for _ in range(WORKERS)]
        for database in workers:
            use_all(database, study_record.name)
        assert count_settled(first.url, WORKERS) == WORKERS
    assert count_settled(first.url, 0) == 0


def test_workers_at_once_take_hardly_more(postgres_url, study_record):
    """Each beside a thread that reads, as the one that renews leases may."""
    with open_database(postgres_url, create=True) as first:
        create_study(first, study_record)
        optuna.create_study(study_name="s", storage=first.optuna_storage)
    at_work, most, failures = threading.Event(), [], []

    def watch() -> None:
        while not at_work.wait(0.005):
            most.append(count(first.url))

    def work(database) -> None:
        try:
            for _ in range(3):
                use_all(database, study_record.name)
        except BaseException as error:
            failures.append(error)

    with ExitStack() as stack:
        workers = [stack.enter_context(open_database(postgres_url)) for _ in range(WORKERS)]
        for database in workers:
            _ = database.optuna_storage
        watcher = threading.Thread(target=watch)
        threads = [threading.Thread(target=work, args=(each,)) for each in workers]
        for thread in (watcher, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        at_work.set()
        watcher.join()
        assert failures == []
        ranks = optuna.load_study(study_name="s", storage=workers[0].optuna_storage).user_attrs
        assert ranks == {"rank": 3 * WORKERS}
        assert count_settled(first.url, WORKERS) == WORKERS
    # One worker at a time holds the lock and a second connection; a server takes a moment to end
    # one that was closed.
    assert max(most) <= 1.5 * WORKERS


def test_threads_that_nest_connections_do_not_wait_for_one_another(postgres_database, study_record):
    """More threads than there are connections: those under the lock are none of the pool."""
    create_study(postgres_database, study_record)
    study = optuna.create_study(study_name="s", storage=postgres_database.optuna_storage)
    failures = []

    def work() -> None:
        try:
            use_all(postgres_database, study_record.name)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(2 * WORKERS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert time.monotonic() - started < 25  # a pool that is empty is waited for 30 seconds
    assert study.user_attrs["rank"] == 2 * WORKERS


def test_what_a_reader_asks_of_a_connection_ends_with_it(postgres_database, study):
    """Optuna's next transaction, on the same connection, is a usual one again."""
    storage = postgres_database.optuna_storage
    for _ in range(3):
        expired(postgres_database, study.id)
        with storage.engine.connect() as connection:
            asked = [
                connection.scalar(text(f"SHOW transaction_{what}"))
                for what in ("isolation", "read_only")
            ]
        assert asked == ["read committed", "off"]
        storage.create_new_study([optuna.study.StudyDirection.MINIMIZE])
    assert postgres_database.engine.pool.checkedin() == 1


@pytest.fixture
def crowded(postgres_with_tables):
    """Make the URL of a role that may have so many connections at a time."""
    with psycopg.connect(postgres_with_tables, autocommit=True) as admin:
        admin.execute("CREATE ROLE narrow LOGIN")
        admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow")

        def limited(limit: int) -> str:
            admin.execute(f"ALTER ROLE narrow CONNECTION LIMIT {limit}")
            url = make_url(postgres_with_tables).set(username="narrow")
            return url.render_as_string(hide_password=False)

        yield limited
        admin.execute("DROP OWNED BY narrow")
        admin.execute("DROP ROLE narrow")


def test_a_server_without_a_connection_left_is_waited_for(crowded):
    url = crowded(2)
    others = [psycopg.connect(url) for _ in range(2)]
    leaving = threading.Timer(1.0, lambda: [other.close() for other in others])
    leaving.start()
    with open_database(url) as database:
        assert list_studies(database) == []
    leaving.join()


def test_a_server_that_stays_crowded_is_one_line(crowded):
    url = crowded(1)
    with psycopg.connect(url), pytest.raises(SweeperError, match="too many connections"):
        open_database(url, timing=Timing(timeout=0.5))
