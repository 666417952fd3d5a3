"""The active workers on the studies of a database."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sweeper.console import duration
from sweeper.report.tables import print_line, print_table
from sweeper.store.queue.active_workers import ActiveWorker


def print_workers(
    workers: list[ActiveWorker], paused: Sequence[str] = (), storage: str = ""
) -> None:
    """Print one line per worker: its trials, start time, speed, and when it was last seen.

    Args:
        workers: that hold trials.
        paused: names of the paused studies, whose workers hold none and are not known.
        storage: the option that suggested commands need, see `sweeper.store.Database.option`.
    """
    if workers:
        print_table(
            ("worker", "device", "study", "trials", "started", "epochs/s", "last seen"),
            [_line(worker) for worker in workers],
            numbers=("started", "epochs/s", "last seen"),
        )
    elif not paused:
        print_line(f"no active workers; start one with `sweeper worker STUDY_NAME{storage}`")
    if paused:
        print_line(f"paused, so that workers on it wait unseen: {', '.join(paused)}")


def print_workers_json(workers: list[ActiveWorker]) -> None:
    """Print a list of objects, one per worker; times are UTC in ISO 8601."""
    print(json.dumps([to_dict(worker) for worker in workers], indent=2, allow_nan=False))


def _line(active: ActiveWorker) -> tuple[str, ...]:
    trials = ", ".join([*map(str, _numbers(active)), *_controls(active)]) or "–"  # between trials
    seen = f"{duration(active.unseen)} ago"
    return (
        active.worker.name,
        active.worker.device,
        active.study,
        trials,
        f"{duration(active.seconds)} ago",
        f"{active.epochs_per_second:.3g}",
        f"lost, {seen}" if active.is_lost else seen,
    )


def to_dict(active: ActiveWorker) -> dict[str, Any]:
    """Return a worker as plain values, as ``sweeper workers --format json`` prints it."""
    return {
        "worker": active.worker.name,
        "host": active.worker.machine,
        "pid": active.worker.pid,
        "device": active.worker.device,
        "study": active.study,
        "trials": _numbers(active),
        "controls": _controls(active),
        "since": active.since.astimezone(UTC).isoformat(timespec="seconds"),
        "epochs_per_second": active.epochs_per_second,
        "seen": active.seen.astimezone(UTC).isoformat(timespec="seconds"),
        "lost": active.is_lost,
    }


def _numbers(active: ActiveWorker) -> list[int]:
    return [lease.number for lease in active.leases if lease.number is not None]


def _controls(active: ActiveWorker) -> list[str]:
    return [lease.control for lease in active.leases if lease.control is not None]
