"""Which errors of PostgreSQL pass by themselves: the transaction may be tried again."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, OperationalError

#: SQLSTATEs that pass: lost connections, rollbacks, a server that stops or starts.
_TRANSIENT_CLASSES = ("08", "40")
_TRANSIENT_STATES = ("25P03", "53300", "57P01", "57P02", "57P03", "57P05")
#: What a server says that has no connection left for us. Where it refuses a connection, no SQLSTATE
#: comes along; in other languages than English it is one that is out of reach.
_NO_CONNECTION_LEFT = (
    "too many clients",
    "too many connections",
    "remaining connection slots",
)


def is_transient(error: BaseException) -> bool:
    """Return whether PostgreSQL was out of reach, as it is while it restarts."""
    for link in error_chain(error):
        if isinstance(link, DBAPIError) and is_postgres(link):
            state = sqlstate(link)
            return link.connection_invalidated or (
                isinstance(link, OperationalError)
                and (
                    state is None  # the connection was refused or cut: the server said nothing
                    or state.startswith(_TRANSIENT_CLASSES)
                    or state in _TRANSIENT_STATES
                )
            )
    return False


def is_unreachable(error: BaseException) -> bool:
    """Return whether nobody reaches PostgreSQL, not this process alone or for a moment."""
    rolled_back = any(
        isinstance(link, DBAPIError) and (sqlstate(link) or "").startswith("40")
        for link in error_chain(error)
    )
    return is_transient(error) and not rolled_back and not is_out_of_connections(error)


def is_out_of_connections(error: BaseException) -> bool:
    """Return whether PostgreSQL has no connection left; others give theirs back."""
    return any(
        isinstance(link, OperationalError)
        and any(words in str(link.orig) for words in _NO_CONNECTION_LEFT)
        for link in error_chain(error)
    )


def error_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what caused it, the drivers' own errors included."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.orig if isinstance(link, DBAPIError) else link.__cause__


def sqlstate(error: DBAPIError) -> str | None:
    """Return PostgreSQL's code of an error, None where it gave none."""
    return getattr(error.orig, "sqlstate", None)


def is_postgres(error: DBAPIError) -> bool:
    """Return whether the error is PostgreSQL's, not SQLite's."""
    return hasattr(error.orig, "sqlstate")
