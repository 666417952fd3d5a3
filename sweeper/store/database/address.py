"""Storage URLs: which are taken, and how they are shown without their secrets."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sweeper.errors import UsageError

_FORMS = "a storage is sqlite:///FILE or postgresql://USER@HOST/DATABASE"


def parse_url(text: str) -> URL:
    """Return the URL with the driver that sweeper uses.

    Raises:
        UsageError: it cannot be read, names another kind of database, or names SQLite's memory,
            which several workers cannot share. The text is never shown: it may hold a password.
    """
    try:
        url = make_url(text)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise UsageError(f"the storage is no URL that can be read; {_FORMS}") from None
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise UsageError(f"storage in {kind!r} is not supported; {_FORMS}")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageError(
            "workers cannot share SQLite's memory; name a plain file: sqlite:///sweeper.db"
        )
    return url.set(drivername="sqlite")


def shown(url: URL) -> str:
    """Return the URL as messages show it.

    The query is left out with the password, since a password may stand there, too.
    """
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database, None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database))
