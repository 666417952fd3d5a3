"""Fetches a data set's files where there is a network, quietly and without waiting for ever."""

import contextlib
import io
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from sweeper.errors import SweeperError

_SECONDS = 20.0


@contextlib.contextmanager
def quietly() -> Iterator[Callable[[str, int, Path], None]]:
    """Swallow what torchvision prints and warns of, and bound the wait for a silent server.

    Yields:
        what tells on standard error, once, that a data set of a name and a number of images is
        downloaded to a place.
    """
    before = socket.getdefaulttimeout()
    stderr = sys.stderr
    told = False

    def tell(name: str, images: int, place: Path) -> None:
        nonlocal told
        if not told:
            print(f"{name}: downloading {images:,} images to {place}", file=stderr, flush=True)
        told = True

    chatter = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(chatter),
        contextlib.redirect_stderr(chatter),
    ):
        warnings.simplefilter("ignore")
        socket.setdefaulttimeout(_SECONDS)
        try:
            yield tell
        finally:
            socket.setdefaulttimeout(before)


def missing(name: str, place: Path, error: BaseException | None = None) -> SweeperError:
    """Return the error for files that are neither here nor can be downloaded.

    Args:
        name: the data set.
        place: where its files go.
        error: what went wrong with the download, if one was tried.
    """
    lines = str(error).strip().splitlines() if error is not None else []
    why = f" ({lines[-1].strip()})" if lines else ""
    return SweeperError(
        f"{name}: {place} is not there or not whole, and cannot be downloaded{why}; "
        "put the files there, or set SWEEPER_DATA to the folder that holds them"
    )
