"""What a net of the user's own raises, in one line."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from sweeper.errors import SweeperError
from sweeper.store import DATABASE_GONE, ERROR, INTERRUPTED, OUT_OF_MEMORY, PREEMPTED
from sweeper.store.database.retry import passes
from sweeper.training import Interrupted, is_out_of_memory

#: Characters of an error's text that are stored as a cause.
_LONGEST = 300

_TORCH = str(Path(torch.__file__).parent)


def cause_of(error: BaseException, leaving: bool) -> str:
    """Return why trials are given back that an error left unfinished.

    The causes are those of `sweeper.store.queue.causes`.

    Args:
        error: what ended their training.
        leaving: whether the worker was told by SIGTERM to leave, not by Ctrl-C or its crew.
    """
    if isinstance(error, Interrupted | KeyboardInterrupt):
        return PREEMPTED if leaving else INTERRUPTED
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if passes(error):
        return DATABASE_GONE
    kind = "" if isinstance(error, SweeperError) else f"{type(error).__name__}: "
    said = " ".join(str(error).split())
    return f"{ERROR}: {kind}{said[:_LONGEST]}"


@contextmanager
def net_failures(net: str) -> Iterator[None]:
    """Turn what a user's net raises into a SweeperError that says where; leave the rest alone.

    Args:
        net: the name of the net that is run inside.
    """
    try:
        yield
    except (SweeperError, Interrupted):
        raise
    except Exception as error:
        if ":" not in net or is_out_of_memory(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        place = next(frame for frame in reversed(frames) if not frame.filename.startswith(_TORCH))
        said = " ".join(str(error).split())
        raise SweeperError(
            f"net {net!r} failed: {type(error).__name__}: {said} "
            f"({Path(place.filename).name}, line {place.lineno})"
        ) from error
