"""Where data sets lie, and what their paths tell."""

import os
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.files import expand


def require_utf8(path: str | Path) -> None:
    """Raise a SweeperError for a path that no database and no other machine could write down."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise SweeperError(f"the path {shown} is not UTF-8; rename it") from None


def origin(path: Path) -> str:
    """Return what tells data of one origin from others: a path's last two names.

    The last alone, often ``images`` or ``data.csv``, would make one origin of many.
    """
    return str(Path(path.parent.name, path.name))


def data_root() -> Path:
    """Return the folder of downloaded data sets: ``SWEEPER_DATA``, else one in the user's cache.

    Raises:
        SweeperError: it is in the home folder of a user who has none.
    """
    if root := os.environ.get("SWEEPER_DATA"):
        return expand(root)
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return expand(cache) / "sweeper"
