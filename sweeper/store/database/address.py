"""Storage URLs: parsing, and display without secrets."""

import shlex
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sweeper.default_storage import default_storage
from sweeper.errors import UsageError

_FORMS = "a storage is sqlite:///FILE or postgresql://USER@HOST/DATABASE"


def parse_url(text: str) -> URL:
    """Return the URL with the driver that sweeper uses.

    Raises:
        UsageError: it is invalid, names another kind of database, or names an in-memory SQLite
            database, which several workers cannot share. The text is never shown: it may contain a
            password.
    """
    try:
        url = make_url(text)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise UsageError(f"the storage is not a valid URL; {_FORMS}") from None
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise UsageError(f"storage in {kind!r} is not supported; {_FORMS}")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageError(
            "workers cannot share an in-memory SQLite database; use a file: sqlite:///sweeper.db"
        )
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

    Without the password, and empty where commands find the database without it.
    """
    with suppress(UsageError):  # what is set there may be no database at all
        if url == parse_url(default_storage()):
            return ""
    return f" --storage {shlex.quote(shown(url))}"


def sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database, None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database))
