"""Which of two values is better, and so which trials are the best."""

import math
import statistics
from collections.abc import Iterable

from sweeper.registry.controls import control_loss
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import Setting
from sweeper.store import TrialRecord

#: The further seeds of each setting in a confirmation, unless another number is asked for.
CONFIRMATION_SEEDS = 12


def cost(objective: str, value: float) -> float:
    """Return a value of an objective so that less is better; NaN is worse than any number."""
    if math.isnan(value):
        return math.inf
    return -value if OBJECTIVES[objective].maximize else value


def best_settings(records: Iterable[TrialRecord], objective: str, count: int) -> list[TrialRecord]:
    """Return the complete trials with the best means of an objective, the best first.

    Args:
        records: trials and controls, of which the complete trials are looked at.
        objective: what decides; of equal trials the first.
        count: how many to return at most; of trials with one setting the first alone.
    """
    complete = [r for r in records if r.number is not None and r.state == "complete"]
    ranked = sorted(complete, key=lambda record: _cost(record, objective))
    distinct: dict[Setting, TrialRecord] = {}
    for record in ranked:
        distinct.setdefault(record.setting, record)
    return list(distinct.values())[:count]


def best_controls(records: Iterable[TrialRecord], objective: str) -> list[TrialRecord]:
    """Return the control of each loss with the best mean of an objective, in the order of names.

    Args:
        records: trials and controls, of which the complete controls are looked at.
        objective: what decides; of equal controls the first.
    """
    best: dict[str, TrialRecord] = {}
    for record in records:
        if record.control is None or record.state != "complete":
            continue
        other = best.setdefault(control_loss(record.control), record)
        if _cost(record, objective) < _cost(other, objective):
            best[control_loss(record.control)] = record
    return list(best.values())


def _cost(record: TrialRecord, objective: str) -> float:
    return cost(objective, _mean(record, objective))


def _mean(record: TrialRecord, objective: str) -> float:
    return statistics.fmean(seed.values[objective] for seed in record.seeds)
