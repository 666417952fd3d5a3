"""Causes of failure: the prefixes of the stored text, and their consequences."""

from typing import Any

from sqlalchemy import ColumnElement, or_

#: The setting diverged, which is a result in itself.
NON_FINITE = "non-finite"

#: The worker's lease expired without a sign of life, or its process is gone.
LOST, KILLED = "lost", "killed"
#: The worker was asked to stop, by Ctrl-C or the end of its pool, or by SIGTERM.
INTERRUPTED, PREEMPTED = "interrupted", "preempted"
#: A single trial did not fit into the memory of the worker's device.
OUT_OF_MEMORY = "out of memory"
#: The database was unreachable for longer than a worker waits.
DATABASE_GONE = "database gone"
#: The code failed, either the user's net or ours.
ERROR = "error"

#: Causes that say nothing about the setting: the trial does not count, and is repeated.
RETRYABLE_CAUSES = (LOST, KILLED, INTERRUPTED, PREEMPTED, OUT_OF_MEMORY, DATABASE_GONE, ERROR)

#: Retryable causes for which the trial itself may be responsible.
SUSPECT_CAUSES = (LOST, KILLED, OUT_OF_MEMORY, ERROR)

#: A trial that failed repeatedly for suspect causes: it counts, and is not repeated.
GIVEN_UP = "given up"


def kind_of(cause: str | None) -> str:
    """Return a cause without the details after the colon."""
    return (cause or "").partition(":")[0]


def is_retryable(cause: str | None) -> bool:
    """Return whether a trial that ended for this cause does not count and is repeated."""
    return kind_of(cause) in RETRYABLE_CAUSES


def retryable(column: Any) -> ColumnElement[bool]:
    """Return `is_retryable` as a SQL condition on a column of causes; false for NULL."""
    parts = [
        column.is_not(None) & ((column == c) | column.startswith(f"{c}:")) for c in RETRYABLE_CAUSES
    ]
    return or_(*parts)
