"""Storage URLs: parsing, and display without secrets."""

import shlex
from collections.abc import Collection, Iterable
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sweeper.default_storage import default_storage
from sweeper.errors import UsageError

#: Parameters of a URL that are secrets.
_SECRET = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}

_FORMS = "a storage is sqlite:///FILE or postgresql://USER@HOST/DATABASE"


def parse_url(text: str) -> URL:
    """Return the URL with the driver that sweeper uses.

    Raises:
        UsageError: it is invalid, names another kind of database or a parameter that this kind does
            not have, or names an in-memory SQLite database, which several workers cannot share. The
            text is never shown: it may contain a password.
    """
    try:
        url = make_url(text)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise UsageError(f"the storage is not a valid URL; {_FORMS}") from None
    if kind in ("postgresql", "postgres"):
        _require_known(url.query, _server_parameters())
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise UsageError(f"storage in {kind!r} is not supported; {_FORMS}")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageError(
            "workers cannot share an in-memory SQLite database; use a file: sqlite:///sweeper.db"
        )
    _require_known(url.query, ())
    return url.set(drivername="sqlite")


def shown(url: URL) -> str:
    """Return the URL as shown in messages.

    The password is hidden and the query left out, because it may contain a password too.
    """
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def option(url: URL) -> str:
    """Return the ``--storage`` option that suggested commands need, with a space before it.

    Without secrets, which commands find where the user keeps them, and empty where they find the
    database without it.
    """
    with suppress(UsageError):  # what is set there may be no database at all
        if url == parse_url(default_storage()):
            return ""
    if url.get_backend_name() == "sqlite":
        return f" --storage {shlex.quote(shown(url))}"
    plain = URL.create(
        url.get_backend_name(),
        url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query={name: value for name, value in url.query.items() if name not in _SECRET},
    )
    return f" --storage {shlex.quote(plain.render_as_string(hide_password=False))}"


def sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database, None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database))


def _server_parameters() -> list[str]:
    """Return what libpq knows of a connection, as PostgreSQL's documentation lists it."""
    from psycopg.pq import Conninfo

    return [each.keyword.decode() for each in Conninfo.get_defaults()]


def _require_known(query: Iterable[str], known: Collection[str]) -> None:
    """Refuse parameters of a URL that would be passed over in silence, or not understood later."""
    if others := sorted(set(query) - set(known)):
        if not known:
            raise UsageError(
                f"a storage in SQLite takes no parameters such as {others[0]!r}: sqlite:///FILE"
            )
        near = get_close_matches(others[0], known, n=1)
        hint = f"did you mean {near[0]}?" if near else "it takes those of libpq, such as sslmode"
        raise UsageError(f"unknown parameter {others[0]!r} of the storage's URL; {hint}")
