"""Whether a study is confirmed, in short: for its results, the list of studies and the note."""

import math
import statistics
from collections.abc import Iterable
from typing import Any

from sweeper.console import count
from sweeper.report.earlier_reads import told
from sweeper.report.text import measured
from sweeper.store import Confirmation, ConfirmationClaim


def lines(found: Confirmation | ConfirmationClaim | None, objective: str) -> list[str]:
    """Return what there is to say of a study's confirmation, one sentence each; none without one.

    Args:
        found: finished, or begun.
        objective: the study's first.
    """
    if found is None:
        return []
    if isinstance(found, ConfirmationClaim):
        return _unfinished(found)
    from sweeper.confirm.verdict import verdict  # imports SciPy, which is slow

    figures = {
        label: splits["test"][objective].values()
        for label, splits in found.values.items()
        if "test" in splits
    }
    own = figure(objective, figures.pop(found.winner))
    others = ", ".join(f"{label} {figure(objective, v)}" for label, v in figures.items())
    day = f" on {found.finished:%Y-%m-%d}" if found.finished else ""
    return [
        f"confirmed{day} with {count(found.seeds, 'new seed')}: trial {found.winner} has test "
        f"{objective} {own}" + (f" ({others})" if others else ""),
        *verdict(found, objective),
        *told(found.earlier),
    ]


def mark(found: Confirmation | ConfirmationClaim | None, objective: str) -> str:
    """Return the cell of a table: the winner and its test figure, or how far it is."""
    if isinstance(found, Confirmation):
        own = found.values[found.winner]["test"][objective].values()
        return f"trial {found.winner}, test {figure(objective, own)}"
    if found is None or (found.is_lost and not found.reads):
        return ""
    return "interrupted" if found.is_lost else "running"


def to_dict(
    found: Confirmation | ConfirmationClaim | None, objective: str
) -> dict[str, Any] | None:
    """Return it as plain values for JSON, None without one."""
    if found is None:
        return None
    if isinstance(found, ConfirmationClaim):
        state = "interrupted" if found.is_lost else "running"
        return {
            "state": state,
            "begun": found.begun.isoformat(),
            "seeds": found.seeds,
            "test_data_read_before": [read.to_dict() for read in found.reads],
        }
    from sweeper.confirm.verdict import verdict

    return {
        "state": "finished",
        "finished": found.finished.isoformat() if found.finished else None,
        "seeds": found.seeds,
        "winner": found.winner,
        "verdict": verdict(found, objective),
        "test_data_read_before": [read.to_dict() for read in found.earlier],
        "values": {
            str(label): {
                split: {
                    measure: {str(s): v if math.isfinite(v) else None for s, v in seeds.items()}
                    for measure, seeds in measures.items()
                }
                for split, measures in splits.items()
            }
            for label, splits in found.values.items()
        },
    }


def _unfinished(claim: ConfirmationClaim) -> list[str]:
    if claim.is_lost:
        return told(claim.reads)
    by = f" by process {claim.worker.pid} on {claim.worker.machine}" if claim.worker else ""
    return [f"being confirmed since {claim.begun:%Y-%m-%d %H:%M} UTC{by}", *told(claim.reads)]


def figure(objective: str, values: Iterable[float]) -> str:
    """Format mean and spread over the seeds that have a value."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return "diverged"
    finite = len(known) > 1 and all(map(math.isfinite, known))  # a collapse is infinite
    spread = statistics.stdev(known) if finite else math.nan
    return measured(objective, statistics.fmean(known), spread)
