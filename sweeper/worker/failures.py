"""Why trials are given back that an error left unfinished."""

from sweeper.errors import SweeperError
from sweeper.store import DATABASE_GONE, ERROR, INTERRUPTED, OUT_OF_MEMORY, PREEMPTED, is_transient
from sweeper.training import Interrupted, is_out_of_memory

#: Characters of an error's text that are stored as a cause.
_LONGEST = 300


def cause_of(error: BaseException, leaving: bool) -> str:
    """Return why trials are given back that an error left unfinished.

    The causes are those of `sweeper.store.queue.causes`.

    Args:
        error: what ended their training.
        leaving: whether the worker was told by SIGTERM to leave, not by Ctrl-C or its pool.
    """
    if isinstance(error, Interrupted | KeyboardInterrupt):
        return PREEMPTED if leaving else INTERRUPTED
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if is_transient(error):
        return DATABASE_GONE
    kind = "" if isinstance(error, SweeperError) else f"{type(error).__name__}: "
    said = " ".join(str(error).split())
    return f"{ERROR}: {kind}{said[:_LONGEST]}"
