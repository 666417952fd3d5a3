"""Quiet downloads with a timeout."""

import contextlib
import io
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from sweeper.errors import SweeperError

_TIMEOUT = 20.0


@contextlib.contextmanager
def quietly() -> Iterator[Callable[[str, int, Path], None]]:
    """Suppress torchvision's output and warnings, and set a timeout for silent servers.

    Yields:
        a function of a data set's name, number of images and folder that announces its download on
        standard error, once.
    """
    before = socket.getdefaulttimeout()
    stderr = sys.stderr
    announced = False

    def announce(name: str, images: int, folder: Path) -> None:
        nonlocal announced
        if not announced:
            print(f"{name}: downloading {images:,} images to {folder}", file=stderr, flush=True)
        announced = True

    discarded = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(discarded),
        contextlib.redirect_stderr(discarded),
    ):
        warnings.simplefilter("ignore")
        socket.setdefaulttimeout(_TIMEOUT)
        try:
            yield announce
        finally:
            socket.setdefaulttimeout(before)


def missing(name: str, folder: Path, error: BaseException | None = None) -> SweeperError:
    """Return the error for files that are missing and cannot be downloaded.

    Args:
        name: the data set.
        folder: the folder of its files.
        error: the failure of the download, if one was tried.
    """
    lines = str(error).strip().splitlines() if error is not None else []
    reason = f" ({lines[-1].strip()})" if lines else ""
    return SweeperError(
        f"{name}: {folder} is missing or incomplete and cannot be downloaded{reason}; "
        "put the files there, or set SWEEPER_DATA to the folder that holds them"
    )
