"""Accuracy beside balanced accuracy: a line where the two tell different stories."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.registry.objectives import BALANCED_ACCURACY, DEFAULT_OBJECTIVE, MAJORITY_BASELINE
from sweeper.report.text import measured

#: So many standard errors are beyond noise: enough for the best of some tens of settings.
_CLEAR = 3.0
#: Shares that differ by less tell the same story.
_APART = 0.05
#: Values are float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Accuracies:
    """The accuracies of a setting: means over its seeds and sample standard deviations.

    Attributes:
        label: what the setting is called.
        seeds: how many seeds were measured.
        accuracy: mean and standard deviation, NaN for a single seed.
        balanced: the same of balanced accuracy.
        majority: the share of the largest class among the samples measured.
    """

    label: str
    seeds: int
    accuracy: tuple[float, float]
    balanced: tuple[float, float]
    majority: float

    @classmethod
    def of_seeds(
        cls,
        label: str,
        accuracy: Sequence[float],
        balanced: Sequence[float],
        majority: Sequence[float],
    ) -> "Accuracies":
        """Return them of the values of each seed; nothing is known where a value is missing."""
        return cls(
            label,
            len(accuracy),
            _mean_and_deviation(accuracy),
            _mean_and_deviation(balanced),
            _mean_and_deviation(majority)[0],
        )


def imbalance_line(settings: Sequence[Accuracies]) -> str | None:
    """Return one line where accuracy and balanced accuracy tell different stories, else None.

    Either the highest accuracy is not above what always naming the largest class gets, and balanced
    accuracy says something else; or another setting is the better one by balanced accuracy. Above
    and better mean by more than three standard errors, from the variance within settings. With a
    single seed there is no noise to compare with, so that the first is told of accuracies that are
    not above at all, and the second never.

    Args:
        settings: the settings to compare. Those without balanced accuracy, from results that an
            earlier version stored, are left out.
    """
    known = [
        one
        for one in settings
        if all(map(math.isfinite, (one.accuracy[0], one.balanced[0], one.majority)))
    ]
    if not known:
        return None
    first = max(known, key=lambda one: one.accuracy[0])
    fairest = max(known, key=lambda one: one.balanced[0])
    error = _standard_error([one.accuracy for one in known], first.seeds)
    is_above = first.accuracy[0] - first.majority > _CLEAR * (error or 0.0) + _ROUNDING
    if not is_above and abs(first.accuracy[0] - first.balanced[0]) > _APART:
        share = measured(MAJORITY_BASELINE, first.majority, math.nan)
        return (
            f"no accuracy is clearly above the {share} that always naming the largest class gets; "
            f"the highest balanced accuracy is {_balanced(fairest)} of {fairest.label}"
        )
    error = _standard_error([one.balanced for one in known], min(first.seeds, fairest.seeds))
    if error is None or fairest.balanced[0] - first.balanced[0] <= _CLEAR * math.sqrt(2) * error:
        return None
    return (
        f"accuracy and balanced accuracy disagree: {first.label} is best by {DEFAULT_OBJECTIVE}, "
        f"{fairest.label} by {BALANCED_ACCURACY}, {_balanced(fairest)} against {_balanced(first)}"
    )


def _standard_error(values: Sequence[tuple[float, float]], seeds: int) -> float | None:
    """Return that of a mean over seeds, from the variance within all settings; None if unknown."""
    known = [deviation**2 for _, deviation in values if math.isfinite(deviation)]
    return math.sqrt(statistics.fmean(known) / seeds) if known else None


def _balanced(one: Accuracies) -> str:
    return measured(BALANCED_ACCURACY, *one.balanced)


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    if not values or not all(map(math.isfinite, values)):
        return math.nan, math.nan
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else math.nan
