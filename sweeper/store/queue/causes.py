"""Why a trial failed: what the text that is stored begins with, and what follows from it."""

from typing import Any

from sqlalchemy import ColumnElement, or_

#: The setting's own doing: it diverged. That says a lot about it.
NON_FINITE = "non-finite"

#: The worker was not heard of until its lease ran out, or its process is gone.
LOST, KILLED = "lost", "killed"
#: The worker was asked to stop, by Ctrl-C or a pool that ends, or by SIGTERM.
INTERRUPTED, PREEMPTED = "interrupted", "preempted"
#: One trial alone did not fit into the memory of a worker's device.
OUT_OF_MEMORY = "out of memory"
#: The database was out of reach for longer than a worker waits.
DATABASE_GONE = "database gone"
#: The code failed, the user's net or ours.
ERROR = "error"

#: Causes that say nothing about the setting: its trial does not count as tried, and is repeated.
RETRYABLE_CAUSES = (LOST, KILLED, INTERRUPTED, PREEMPTED, OUT_OF_MEMORY, DATABASE_GONE, ERROR)

#: Those of them that the trial itself may have brought about.
SUSPECT_CAUSES = (LOST, KILLED, OUT_OF_MEMORY, ERROR)

#: A trial that failed in these ways again and again: it counts, and is not repeated.
GIVEN_UP = "given up"


def kind_of(cause: str | None) -> str:
    """Return a cause without its details, which stand after a colon."""
    return (cause or "").partition(":")[0]


def is_retryable(cause: str | None) -> bool:
    """Return whether a trial that ended for this cause does not count as tried."""
    return kind_of(cause) in RETRYABLE_CAUSES


def retryable(column: Any) -> ColumnElement[bool]:
    """Return `is_retryable` as a condition on a column of causes; false where there is none."""
    parts = [
        column.is_not(None) & ((column == c) | column.startswith(f"{c}:")) for c in RETRYABLE_CAUSES
    ]
    return or_(*parts)
