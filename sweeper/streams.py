"""Standard output and error of the command line: closed, full, or without some letters."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sweeper.errors import SweeperError


class OutputError(SweeperError):
    """Standard output cannot take what a command printed."""


class _Closed(io.TextIOBase):
    """In place of a standard output that was closed before the program began."""

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def prepare_streams() -> None:
    """Make standard output and error safe to print to, whatever they are.

    Letters that their encoding does not have are written as escapes. A closed standard output
    fails when it is written to; a closed standard error takes everything.
    """
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def output_errors() -> Iterator[None]:
    """Turn the failure of standard output, which is full or closed, into an OutputError.

    A reader that has what it wanted, BrokenPipeError, passes; so do errors of other files.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None or not _is_output(error):
            raise
        why = error.strerror or error
        raise OutputError(f"standard output cannot be written to: {why}") from error


def forget_output() -> None:
    """Let what is still to be written to standard output vanish, so that the end is quiet."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_output(error: OSError) -> bool:
    """Return whether an error without a file's name is that of standard output."""
    if error.errno not in (errno.EBADF, errno.ENOSPC, errno.EIO):
        return False
    if isinstance(sys.stdout, _Closed):
        return True
    try:  # once more: what failed to be written is dropped by now
        os.write(sys.stdout.fileno(), b"\n")
    except OSError as again:
        return again.errno == error.errno
    return False
