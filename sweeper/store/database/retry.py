"""What goes wrong in a database: explained in one line, or tried again."""

import errno
import logging
import math
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sweeper.errors import SweeperError
from sweeper.store.database.engine import BUSY_SECONDS

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Seconds after which `retrying` gives up where a person waits, and the longest between two tries.
IMPATIENT, LONGEST_WAIT = 6.0, 10.0


class _Patience(NamedTuple):
    seconds: float
    stop: Callable[[], bool]


_patience: ContextVar[_Patience] = ContextVar("patience")
#: When this process last found the database out of reach.
_out_of_reach_at = -math.inf
_USUAL = _Patience(IMPATIENT, lambda: False)

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

#: SQLSTATEs of PostgreSQL that pass: lost connections, rollbacks, a server that stops or starts.
_PASSING_CLASSES = ("08", "40")
_PASSING_STATES = ("25P03", "53300", "57P01", "57P02", "57P03", "57P05")
#: What a server says that has no connection left for us. Where it refuses a connection, no SQLSTATE
#: comes along; in other languages than English it is one that is out of reach.
_CROWDED = ("too many clients", "too many connections", "remaining connection slots")
_DISK_FULL, _NO_TABLE, _NO_RIGHT = "53100", "42P01", "42501"


@contextmanager
def translated(name: str | None = None) -> Iterator[None]:
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
        line = _explain(error)
        if line is None:
            raise
        raise SweeperError(f"{name}: {line}" if name else line) from error


@contextmanager
def patient(seconds: float, stop: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Let `retrying` wait so long for a database in this thread, in place of `IMPATIENT`.

    Args:
        seconds: to wait at most.
        stop: asked between two tries; once it says yes there are no more.
    """
    token = _patience.set(_Patience(seconds, stop))
    try:
        yield
    finally:
        _patience.reset(token)


def retrying(action: Callable[[], T], wait: float = 0.2) -> T:
    """Return what `action` returns, tried again where PostgreSQL was out of reach for a while.

    Waits `wait` seconds before the second try and twice as long before each further one, up to
    `LONGEST_WAIT`, all with jitter, so that many workers do not come back at one moment. It gives
    up after `IMPATIENT` seconds, enough for a server to restart, or as many as `patient` says; it
    waits no shorter for a server that has no connection left, since others give theirs back. The
    action must be one whole transaction, and bear being repeated when only the answer to its commit
    was lost. Errors of SQLite, and those that would come again, are raised at once.
    """
    began, told = time.monotonic(), False
    while True:
        try:
            return action()
        except Exception as error:
            patience, waited = _patience.get(_USUAL), time.monotonic() - began
            most = max(patience.seconds, IMPATIENT) if _is_crowded(error) else patience.seconds
            global _out_of_reach_at
            if is_away(error):
                _out_of_reach_at = time.monotonic()
            if not passes(error) or waited > most or patience.stop():
                raise
            if not told and waited > IMPATIENT:
                told = True
                logger.warning(
                    "the database is out of reach, waiting up to %d min for it: %s",
                    round(most / 60),
                    _explain(error),
                )
        time.sleep(wait * random.uniform(0.5, 1.5))
        wait = min(2 * wait, LONGEST_WAIT)


def is_settled() -> bool:
    """Return whether the database has been in reach for so long that others found it again, too."""
    return time.monotonic() - _out_of_reach_at > 3 * LONGEST_WAIT


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what caused it, the drivers' own errors included."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.orig if isinstance(link, DBAPIError) else link.__cause__


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_postgres(error: DBAPIError) -> bool:
    return hasattr(error.orig, "sqlstate")


def _explain(error: BaseException) -> str | None:
    for link in _chain(error):
        if isinstance(link, OSError) and link.errno in (errno.ENOSPC, errno.EDQUOT):
            return _FULL
        if isinstance(link, PoolTimeoutError):
            return "all connections are in use"
        if isinstance(link, sqlite3.Error):
            return _explain_sqlite(link)
        if isinstance(link, DBAPIError) and _is_postgres(link):
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
    state = _sqlstate(error)
    if state == _DISK_FULL:
        return _FULL
    said = " ".join(str(error.orig).split())
    if isinstance(error, OperationalError) or passes(error):
        return said
    if isinstance(error, ProgrammingError) and state in (_NO_TABLE, _NO_RIGHT):
        return f"{said}; try `sweeper db check`"
    return None


def _is_crowded(error: BaseException) -> bool:
    return any(
        isinstance(link, OperationalError) and any(words in str(link.orig) for words in _CROWDED)
        for link in _chain(error)
    )


def is_away(error: BaseException) -> bool:
    """Return whether nobody reaches PostgreSQL, not this process alone or for a moment."""
    rolled_back = any(
        isinstance(link, DBAPIError) and (_sqlstate(link) or "").startswith("40")
        for link in _chain(error)
    )
    return passes(error) and not rolled_back and not _is_crowded(error)


def passes(error: BaseException) -> bool:
    """Return whether PostgreSQL was out of reach, as it is while it restarts."""
    for link in _chain(error):
        if isinstance(link, DBAPIError) and _is_postgres(link):
            state = _sqlstate(link)
            return link.connection_invalidated or (
                isinstance(link, OperationalError)
                and (
                    state is None  # the connection was refused or cut: the server said nothing
                    or state.startswith(_PASSING_CLASSES)
                    or state in _PASSING_STATES
                )
            )
    return False
