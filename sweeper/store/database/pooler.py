"""Tells whether a program between us and PostgreSQL keeps a session for each connection."""

from sqlalchemy import Connection, Engine, text


def shares_sessions(engine: Engine) -> bool:
    """Return whether a session of the server serves several connections in turn.

    PgBouncer does so by the transaction or by the statement. Advisory locks and settings, which
    belong to a session, would then be somebody else's, without any error.
    """
    if engine.dialect.name == "sqlite":
        return False
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as idle:
        before = _session(idle)
        if idle.connection.driver_connection.info.backend_pid == before:  # type: ignore[union-attr]
            return False  # connected to the server itself
        # The second one is given the first one's session where that is anybody's, or else holds a
        # session so that the first one gets another.
        with engine.connect() as busy:
            return _session(busy) == before or _session(idle) != before


def _session(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
