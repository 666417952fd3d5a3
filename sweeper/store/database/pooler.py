"""Tells whether a program between us and PostgreSQL keeps a session for each connection."""

from sqlalchemy import URL, Connection, NullPool, create_engine, text

from sweeper.store.database.engine import engine_options
from sweeper.store.timing import Timing

#: How often it is looked whether two connections have one session.
_TRIES = 10


def shares_sessions(url: URL, timing: Timing) -> bool:
    """Return whether a session of the server serves several connections in turn.

    PgBouncer does so by the transaction or by the statement. Advisory locks and settings, which
    belong to a session, would then be somebody else's, without any error.
    """
    if url.get_backend_name() == "sqlite":
        return False
    # Nothing is set, which would stay on somebody else's session.
    options = engine_options(url, timing) | {"poolclass": NullPool}
    del options["pool_size"], options["max_overflow"]
    engine = create_engine(url, isolation_level="AUTOCOMMIT", **options)
    with engine.connect() as first:
        own = _session(first)
        if first.connection.driver_connection.info.backend_pid == own:  # type: ignore[union-attr]
            return False  # connected to the server itself
        # The second is given the session that the first had last, unless others come between.
        with engine.connect() as second:
            return any(_session(second) == own or _session(first) != own for _ in range(_TRIES))


def _session(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
