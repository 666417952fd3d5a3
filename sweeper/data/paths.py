"""Paths of data sets."""

import os
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.files import expand


def require_utf8(path: str | Path) -> None:
    """Raise a SweeperError for a path that a database or another machine could not store."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise SweeperError(f"the path {printable(path)} is not UTF-8; rename it") from None


def printable(path: str | Path) -> str:
    """Return a path as UTF-8, with an escape for each byte that is not."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def origin(path: Path) -> str:
    """Return the identifier of the data's origin: the last two names of a path.

    The last name alone is often ``images`` or ``data.csv``, which would merge many origins.
    """
    return str(Path(path.parent.name, path.name))


def data_root() -> Path:
    """Return the folder of downloaded data sets: ``SWEEPER_DATA``, or one in the user's cache.

    Raises:
        SweeperError: the path needs a home folder that does not exist.
    """
    if root := os.environ.get("SWEEPER_DATA"):
        return expand(root)
    return cache_folder()


def cache_folder() -> Path:
    """Return the folder of what can be made again, the user's own.

    Raises:
        SweeperError: the path needs a home folder that does not exist.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return expand(cache) / "sweeper"
