"""How a connection is made, the same for our tables and for Optuna's."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from sweeper.store.timing import Timing

#: Seconds that a writer waits for another one, which holds SQLite's only write lock.
BUSY_SECONDS = 60

#: The execution option of connections that only read.
_READING = "sweeper_reading"


def engine_options(url: URL, timing: Timing) -> dict[str, Any]:
    """Return the keyword arguments of SQLAlchemy's `create_engine` for this URL."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {
        "connect_args": {
            # What it waits for a server that is not there any more, in seconds and milliseconds.
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        },
        "pool_pre_ping": True,  # a connection that a server's restart cut is replaced unseen
        # A server has few connections, 100 unless told otherwise, and workers train most of the
        # time: each keeps one. What it needs beside it, for moments, is closed after use.
        "pool_size": 1,
        "max_overflow": 9,
    }


def set_hooks(engine: Engine, timing: Timing) -> None:
    """Make every connection that the engine opens from now on fit for several writers.

    On SQLite: write-ahead log, one disk sync a checkpoint, and a write lock from the start of each
    transaction, since two readers that both turn writers cannot wait for one another; those of
    `reading` take none. On PostgreSQL: what a session is set to, see `_session_settings`.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    else:
        settings = _session_settings(timing)
        event.listen(engine, "connect", lambda connection, _record: _set(connection, settings))


def make_engine(url: URL, timing: Timing) -> Engine:
    """Return an engine of our own; it connects when it is first used."""
    engine = create_engine(url, **engine_options(url, timing))
    set_hooks(engine, timing)
    return engine


def reading(engine: Engine) -> Engine:
    """Return an engine on the same connections whose transactions only read.

    Each sees the database as it was at its first query, waits for no writer and holds none up.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_READING: True})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _session_settings(timing: Timing) -> str:
    """Return what sets up a session of PostgreSQL, in one round trip.

    Not given as `options` when it connects, which PgBouncer refuses.
    """
    settings = {
        # Optuna stores times without a zone as the session sees them: all sessions must see UTC.
        "timezone": "'utc'",
        # A worker that is frozen, or cut off, in the middle of a transaction holds up all.
        "idle_in_transaction_session_timeout": round(1000 * timing.idle_transaction),
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
    }
    return "; ".join(f"SET {name} = {value}" for name, value in settings.items())


def _set(connection: Any, settings: str) -> None:
    connection.autocommit = True  # one round trip, no transaction
    connection.execute(settings)
    connection.autocommit = False


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: the hook below does
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
