"""An estimate of the load of a thousand workers on the server, from single measurements."""

from typing import Any

from benchmarks.fleet.lines import CROWDED
from sweeper.store import DEFAULT_TIMING

THOUSAND_HEAD = (
    "trial, s",
    "trials/s",
    "epoch records/s",
    "renewals/s",
    "storage, share of a worker's time",
    "server, cores",
)


def thousand_rows(figures: dict[str, Any]) -> list[list[str]]:
    """Return the rows of a thousand workers on trials of several lengths.

    A trial costs what it costs one worker while 999 others hold trials. Epoch records are counted
    separately: one per epoch of ten, and at most one per second.
    """
    crowded = [one for one in figures["lines"] if one["study"] == CROWDED.name]
    if not crowded or crowded[0].get("server_cpu_ms") is None:
        return []
    (one,), calls, rows = crowded, figures["calls"], []
    for seconds in (1, 10, 100, 1000):
        trials = 1000 / seconds
        notes, renewals = min(1000.0, 10 * trials), 1000 / DEFAULT_TIMING.renewal
        cores = (
            trials * one["server_cpu_ms"]
            + notes * calls["note_epochs"]["server_cpu_ms"]
            + renewals * calls["renew"]["server_cpu_ms"]
        ) / 1000
        storage = (one["trial_ms"] + notes / trials * calls["note_epochs"]["ms"]) / 1000
        rows.append(
            [
                f"{seconds:,}",
                f"{trials:,.0f}",
                f"{notes:,.0f}",
                f"{renewals:,.0f}",
                f"{100 * storage / (storage + seconds):.2f} %",
                f"{cores:,.1f}",
            ]
        )
    return rows
