"""The tables: one of trials of realistic length, and one of trials of zero length."""

from collections.abc import Sequence
from typing import Any

from benchmarks.fleet.lines import TPE

TRIALS_HEAD = (
    "study",
    "workers",
    "trial, s",
    "trials",
    "storage, ms (median)",
    "95 %",
    "share",
    "trials/s",
    "connections",
    "server, cores",
)
DRIVEN_HEAD = (
    "study",
    "workers",
    "trials/s",
    "storage, ms (median)",
    "95 %",
    "round trips",
    "worker's CPU, ms",
    "server's CPU, ms",
    "server, cores",
    "joining, s",
    "connections",
)


def trial_rows(figures: dict[str, Any]) -> list[list[str]]:
    """Return the rows of the trials of realistic length."""
    lines = [one for one in figures["lines"] if one["seconds"]]
    lines.sort(key=lambda one: (one["study"] != TPE.name, one["study"], one["seconds"]))
    return [
        [
            one["study"],
            _workers(one),
            f"{one['seconds']:g}" if one["slept"] else f"{one['seconds']:g} (extrapolated)",
            _number(one, "trials", 0),
            _number(one, "trial_ms", 1),
            _number(one, "trial_p95_ms", 1),
            f"{100 * one['share']:.2f} %" if "share" in one else "–",
            _number(one, "trials_per_second", 1),
            _number(one, "connections", 0),
            _number(one, "server_cores", 2),
        ]
        for one in lines
    ]


def driven_rows(figures: dict[str, Any]) -> list[list[str]]:
    """Return the rows of the trials of zero length."""
    return [
        [
            one["study"],
            _workers(one),
            _number(one, "trials_per_second", 1),
            _number(one, "trial_ms", 1),
            _number(one, "trial_p95_ms", 1),
            _number(one, "exchanges", 0),
            _number(one, "worker_cpu_ms", 1),
            _number(one, "server_cpu_ms", 1),
            _number(one, "server_cores", 2),
            _number(one, "joining_ms", 2, 1000),
            _number(one, "connections", 0),
        ]
        for one in figures["lines"]
        if not one["seconds"]
    ]


def saturation(figures: dict[str, Any]) -> list[str]:
    """Return a sentence per study: how few workers reach 90 % of the highest rate."""
    sentences = []
    for study in dict.fromkeys(one["study"] for one in figures["lines"]):
        rates = {
            one["workers"]: one["trials_per_second"]
            for one in figures["lines"]
            if one["study"] == study and not one["seconds"] and "trials_per_second" in one
        }
        if len(rates) < 2:
            continue
        best = max(rates.values())
        enough = next(count for count, rate in rates.items() if rate >= 0.9 * best)
        sentences.append(f"{study}: at most {best:.0f} trials/s; {enough} workers reach 90 % of it")
    return sentences


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _workers(one: dict[str, Any]) -> str:
    failed = one.get("failed", 0)
    return f"{one['workers']} ({failed} could not work)" if failed else str(one["workers"])


def _number(one: dict[str, Any], name: str, digits: int, divided_by: float = 1) -> str:
    value = one.get(name)
    return "–" if value is None else f"{value / divided_by:,.{digits}f}"
