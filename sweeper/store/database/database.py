"""The one place where a database is opened, for our tables and for Optuna's."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Executable
from sqlalchemy.orm import Session, sessionmaker

from sweeper.errors import SweeperError
from sweeper.store.database import optuna_tables, pooler, schema
from sweeper.store.database.address import option, parse_url, shown, sqlite_file
from sweeper.store.database.engine import make_engine, reading
from sweeper.store.database.error_messages import explain_errors
from sweeper.store.database.network_mounts import network_file_system
from sweeper.store.database.retry import Retry
from sweeper.store.database.schema_lock import schema_lock
from sweeper.store.timing import DEFAULT_TIMING, Timing

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

T = TypeVar("T")


class NoDatabaseError(SweeperError):
    """There is no database at the place named."""


class Database:
    """An open database: our tables and Optuna's. `open_database` makes one.

    Attributes:
        url: SQLAlchemy's URL, with the password: for engines and child processes.
        name: the URL as messages show it, without password and query.
        timing: how long leases on it last, and how long anything is waited for.
        engine: SQLAlchemy's engine, of our tables and Optuna's.
        retry: tries a call again while the database is out of reach.
    """

    def __init__(self, url: URL, timing: Timing = DEFAULT_TIMING) -> None:
        self.url = url
        self.name = shown(url)
        self.timing = timing
        self.engine = make_engine(url, timing)
        self.retry = Retry(timing)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(reading(self.engine), expire_on_commit=False)
        self._optuna: RDBStorage | None = None

    @property
    def option(self) -> str:
        """The ``--storage`` option of suggested commands, with a space before it, or nothing."""
        return option(self.url)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give an ORM session in one transaction: kept at the end, undone by an error.

        On SQLite it holds the only write lock: keep it short, and call nothing of Optuna inside,
        which would wait for it in vain.

        Raises:
            SweeperError: what `explain_errors` makes of the database's errors.
        """
        with explain_errors(self.name), self._sessions.begin() as session:
            yield session

    def transact(self, action: Callable[[Session], T]) -> T:
        """Return what `action` returns, called in one transaction, tried again as by `retry`."""

        def once() -> T:
            with self.session() as session:
                return action(session)

        return self.retry(once)

    def execute(self, statement: Executable) -> CursorResult[Any]:
        """Execute one statement that returns no rows, as `transact` does, in half its time."""

        def once() -> CursorResult[Any]:
            with explain_errors(self.name), self.engine.begin() as connection:
                return connection.execute(statement)

        return self.retry(once)

    def read(self, action: Callable[[Session], T]) -> T:
        """Return what `action` returns, which only reads: all of it from one moment's state.

        Tried again as by `retry`; on SQLite it goes without the write lock.

        Raises:
            SweeperError: what `explain_errors` makes of the database's errors.
        """

        def once() -> T:
            with explain_errors(self.name), self._readers.begin() as session:
                return action(session)

        return self.retry(once)

    def timeout(
        self, seconds: float, stop: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[None]:
        """Wait so long for the database in this thread, until `stop` says yes; see `Retry`."""
        return self.retry.timeout(seconds, stop)

    def is_settled(self) -> bool:
        """Return whether it has been in reach long enough for all workers to find it again."""
        return self.retry.is_settled()

    def schema_lock(self, alone: bool) -> AbstractContextManager[Connection | None]:
        """Hold the schema still, shared to look at it, `alone` to make or change it.

        On PostgreSQL it gives the connection that holds the lock.
        """
        return schema_lock(self.engine, alone, self.retry)

    @property
    def optuna_storage(self) -> "RDBStorage":
        """Optuna's storage on this database, opened when it is first asked for.

        Raises:
            SweeperError: Optuna's tables are older or newer than the installed Optuna.
        """
        if self._optuna is None:
            self._optuna = self._still(lambda: optuna_tables.open_storage(self.engine, self.timing))
        return self._optuna

    def make_tables(self) -> None:
        """Make our tables and Optuna's where there are none; those that exist are left alone."""

        def make() -> None:
            if schema.version_of(self.engine) is None:
                schema.migrate(self.engine)
            if not optuna_tables.are_made(self.engine):
                self._optuna = optuna_tables.open_storage(self.engine, self.timing)

        self._still(make)

    def require_sessions(self) -> None:
        """Raise SweeperError where what keeps the connections does not keep sessions."""
        with explain_errors(self.name):
            shares = self.retry(lambda: pooler.shares_sessions(self.url, self.timing))
        if shares:
            raise SweeperError(
                f"{self.name}: connections are handed out by the transaction, and locks get lost; "
                "name the server itself, or a pool of PgBouncer's with pool_mode = session"
            )

    def require_current(self) -> None:
        """Raise SweeperError unless our tables have the version of the code."""
        if fault := self._still(lambda: schema.version_fault(self.engine), alone=False):
            raise SweeperError(f"{self.name}: {fault}")

    def _still(self, action: Callable[[], T], alone: bool = True) -> T:
        """Return what `action` returns, called under the schema lock, tried again as by `retry`.

        The lock is let go of between two tries: where connections are short, one held while waiting
        for another would hold up everybody.
        """

        def once() -> T:
            with explain_errors(self.name), self.schema_lock(alone):
                return action()

        return self.retry(once)

    def close(self) -> None:
        """Close all connections."""
        if self._optuna is not None:
            self._optuna.remove_session()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_database(
    url: str,
    create: bool = False,
    *,
    any_version: bool = False,
    timing: Timing = DEFAULT_TIMING,
) -> Database:
    """Open the database behind a storage URL.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``.
        create: make the SQLite file and the tables where they are missing; several processes may
            do so at once.
        any_version: take tables of any version, to check, back up or upgrade them.
        timing: how long leases last, and how long anything is waited for.

    Raises:
        UsageError: the URL cannot be read, or names what cannot be shared.
        SweeperError: there is no such database, it cannot be reached, it is a file of SQLite on a
            network file system, or it is older or newer than the code.
    """
    address = parse_url(url)
    if (file := sqlite_file(address)) is not None:
        _require_place(file, create)
    database = Database(address, timing)
    try:
        with database.timeout(0):  # a wrong address must be told at once
            database.require_sessions()
            if create:
                database.make_tables()
            if not any_version:
                database.require_current()
    except BaseException:
        database.close()
        raise
    return database


def _require_place(file: Path, create: bool) -> None:
    if file.is_dir():
        raise SweeperError(
            f"{file} is a folder; a storage is a file in it: sqlite:///{file}/NAME.db"
        )
    if kind := network_file_system(file.parent):
        raise SweeperError(
            f"{file} lies on a network file system ({kind}), where SQLite's locks hold for one "
            "machine at most and the database may be damaged; use PostgreSQL, or, for workers of "
            "one machine, a file on a disk of its own, with --storage"
        )
    if file.exists():
        return
    if not create:
        raise NoDatabaseError(
            f"no database at {file}; `sweeper run STUDY` makes one, or name another with --storage"
        )
    if not file.parent.is_dir():
        raise SweeperError(f"no folder {file.parent} for the database {file.name}; make it first")
