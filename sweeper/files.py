"""Paths as a user writes them, and files that are written whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from sweeper.errors import SweeperError, UsageError


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all; its folder is made.

    Args:
        path: the file.
        content: what it is to hold.
        private: nobody but the user may read it, nor list the folder that is made for it.

    Raises:
        SweeperError: it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            if not private:
                mask = os.umask(0)
                os.umask(mask)
                temporary.chmod(0o666 & ~mask)  # mkstemp's is for the owner alone
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            raise
    except OSError as error:
        raise SweeperError(f"{path} cannot be written: {error.strerror or error}") from None


def html_path(text: str) -> Path:
    """Return the path of a figure that is to be written, with the home folder in place of ``~``.

    Raises:
        UsageError: it does not end in ``.html``.
    """
    path = expand(text)
    if path.suffix.lower() != ".html":
        raise UsageError(f"figures can only be written as .html, not as {text!r}")
    return path


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
