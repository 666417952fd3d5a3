"""What went wrong in a database, or on its disk, in one line."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sweeper.errors import SweeperError
from sweeper.store.database.engine import BUSY_SECONDS
from sweeper.store.database.transient_errors import (
    error_chain,
    is_postgres,
    is_transient,
    sqlstate,
)

_FULL = (
    "the disk is full; what was stored before is intact: make room and run the same command again"
)

#: SQLite's result codes by the start of their names.
_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": "the disk failed, or is full; look at it, then try `sweeper db check`",
    "SQLITE_BUSY": f"another process has held the database for over {BUSY_SECONDS} seconds",
    "SQLITE_LOCKED": "another process holds the database",
    "SQLITE_NOTADB": "this file is not a database; name another with --storage",
    "SQLITE_CORRUPT": "the database is damaged; go back to a backup",
    "SQLITE_READONLY": "the database, or its folder, is not writable",
    "SQLITE_CANTOPEN": "the database cannot be opened; its folder must be readable and writable",
}

#: PostgreSQL's SQLSTATEs.
_DISK_FULL, _NO_TABLE, _NO_RIGHT = "53100", "42P01", "42501"


@contextmanager
def explain_errors(name: str | None = None) -> Iterator[None]:
    """Turn what the database or the disk did into a SweeperError of one line.

    Covers SQLAlchemy's errors, Optuna's StorageInternalError, which wraps them, and a full disk
    anywhere. Errors that point at a fault of the program pass unchanged.

    Args:
        name: the database as messages show it.
    """
    try:
        yield
    except SweeperError:
        raise
    except Exception as error:
        line = explain(error)
        if line is None:
            raise
        raise SweeperError(f"{name}: {line}" if name else line) from error


def explain(error: BaseException) -> str | None:
    """Return the line, None for an error that is no fault of the database or the disk."""
    for link in error_chain(error):
        if isinstance(link, OSError) and link.errno in (errno.ENOSPC, errno.EDQUOT):
            return _FULL
        if isinstance(link, PoolTimeoutError):
            return "all connections are in use"
        if isinstance(link, sqlite3.Error):
            return _explain_sqlite(link)
        if isinstance(link, DBAPIError) and is_postgres(link):
            return _explain_postgres(link)
    return None


def _explain_sqlite(error: sqlite3.Error) -> str | None:
    code = getattr(error, "sqlite_errorname", "")
    for start, line in _SQLITE.items():
        if code.startswith(start):
            return line
    if isinstance(error, sqlite3.OperationalError):
        return f"{error}; try `sweeper db check`"
    return None


def _explain_postgres(error: DBAPIError) -> str | None:
    state = sqlstate(error)
    if state == _DISK_FULL:
        return _FULL
    said = " ".join(str(error.orig).split())
    if isinstance(error, OperationalError) or is_transient(error):
        return said
    if isinstance(error, ProgrammingError) and state in (_NO_TABLE, _NO_RIGHT):
        return f"{said}; try `sweeper db check`"
    return None
