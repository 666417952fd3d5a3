"""Paths as a user writes them."""

from pathlib import Path

from sweeper.errors import SweeperError


def expand(text: str) -> Path:
    """Return a path with the home folder in place of ``~``.

    Raises:
        SweeperError: there is no such user.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SweeperError(
            f"there is no home folder for {text!r}; write the whole path, "
            "or ./~... for a name that begins with ~"
        ) from None


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
