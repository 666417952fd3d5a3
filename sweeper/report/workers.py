"""The active workers on the studies of a database."""

import json
from datetime import UTC

from sweeper.console import duration
from sweeper.report.tables import print_line, print_table
from sweeper.store.queue.active_workers import AtWork


def print_workers(workers: list[AtWork]) -> None:
    """Print one line per worker: its trials, start time, speed, and when it was last seen."""
    if not workers:
        print_line("no active workers; start one with `sweeper worker STUDY_NAME`")
        return
    print_table(
        ("worker", "device", "study", "trials", "started", "epochs/s", "last seen"),
        [_line(worker) for worker in workers],
        numbers=("started", "epochs/s", "last seen"),
    )


def print_workers_json(workers: list[AtWork]) -> None:
    """Print a list of objects, one per worker; times are UTC in ISO 8601."""
    print(json.dumps([_entry(worker) for worker in workers], indent=2, allow_nan=False))


def _line(at_work: AtWork) -> tuple[str, ...]:
    trials = ", ".join([*map(str, _numbers(at_work)), *_controls(at_work)]) or "–"  # between trials
    seen = f"{duration(at_work.unseen)} ago"
    return (
        at_work.worker.name,
        at_work.worker.device,
        at_work.study,
        trials,
        f"{duration(at_work.seconds)} ago",
        f"{at_work.epochs_per_second:.3g}",
        f"lost, {seen}" if at_work.is_lost else seen,
    )


def _entry(at_work: AtWork) -> dict[str, object]:
    return {
        "worker": at_work.worker.name,
        "host": at_work.worker.machine,
        "pid": at_work.worker.pid,
        "device": at_work.worker.device,
        "study": at_work.study,
        "trials": _numbers(at_work),
        "controls": _controls(at_work),
        "since": at_work.since.astimezone(UTC).isoformat(timespec="seconds"),
        "epochs_per_second": at_work.epochs_per_second,
        "seen": at_work.seen.astimezone(UTC).isoformat(timespec="seconds"),
        "lost": at_work.is_lost,
    }


def _numbers(at_work: AtWork) -> list[int]:
    return [lease.number for lease in at_work.leases if lease.number is not None]


def _controls(at_work: AtWork) -> list[str]:
    return [lease.control for lease in at_work.leases if lease.control is not None]
