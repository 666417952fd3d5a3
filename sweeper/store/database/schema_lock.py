"""The lock for creating and changing tables."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from sweeper.store.database.retry import Retry

#: The number of our PostgreSQL advisory lock: the letters of "sweeper".
_KEY = int.from_bytes(b"sweeper", "big")


@contextmanager
def schema_lock(engine: Engine, alone: bool, retry: Retry) -> Iterator[Connection | None]:
    """Lock the schema: shared to read it, `alone` to create or change it.

    Processes that start at the same moment therefore find either no tables or complete ones. SQLite
    itself has no such lock: Optuna creates its tables in several transactions, and the switch to
    write-ahead logging waits for nobody. So the folder is locked, which leaves no file behind. The
    system releases the lock when the process dies.

    On PostgreSQL it yields the connection that holds the lock, outside of a transaction. Once that
    is cut the lock is lost unnoticed: what must not be written without it goes over it, and fails.
    """
    if engine.dialect.name == "sqlite":
        with _folder_lock(Path(str(engine.url.database)).parent, alone):
            yield None
        return
    longest = round(1000 * retry.timing.schema_lock)
    connection = retry(lambda: _locked(engine, alone, longest))
    try:
        yield connection
    finally:
        connection.close()


def _locked(engine: Engine, alone: bool, longest: int) -> Connection:
    """Return a connection that holds PostgreSQL's lock until it is closed, or frozen too long.

    `longest` is in milliseconds.
    """
    function = "pg_advisory_lock" if alone else "pg_advisory_lock_shared"
    connection = engine.connect()
    try:
        connection.detach()  # closing it, not returning it to the pool, is what unlocks
        connection.execute(text(f"SET idle_session_timeout = {longest}"))
        connection.execute(text(f"SELECT {function}({_KEY})"))
        connection.commit()  # the session holds the lock, not the transaction
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _folder_lock(folder: Path, alone: bool) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)
