"""Whether the best trial of a search classifies any better than guessing."""

import math
import statistics

from sweeper.console import count
from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    DEFAULT_OBJECTIVE,
    MAJORITY_BASELINE,
)
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.text import measured

#: Values are float32.
_ROUNDING = 1e-6


def chance_line(outcome: StudyResults) -> str | None:
    """Return a line where the best trial of a search may be no better than guessing, else None.

    The best by accuracy, where that is searched for: the 95 % intervals over its seeds reach down
    to what always naming the largest class gets, and, of balanced accuracy, to one in C. Of a
    single seed the values themselves are compared.
    """
    if outcome.spec.kind == "experiment" or DEFAULT_OBJECTIVE not in outcome.spec.objectives:
        return None
    known = [row for row in outcome.complete if math.isfinite(row.values[DEFAULT_OBJECTIVE])]
    if not known:
        return None
    best = max(known, key=lambda row: row.values[DEFAULT_OBJECTIVE])
    guesses = {BALANCED_ACCURACY: 1 / outcome.summary.study.task.trained_classes}
    if math.isfinite(majority := best.values.get(MAJORITY_BASELINE, math.nan)):
        guesses[DEFAULT_OBJECTIVE] = majority
    compared = [name for name in guesses if math.isfinite(best.values.get(name, math.nan))]
    if not compared or any(_low(best, name) > guesses[name] + _ROUNDING for name in compared):
        return None
    name = compared[-1]
    value = measured(name, best.values[name], best.spread[name])
    guess = measured(name, guesses[name], math.nan)
    found = f"the best {name} is {value}, {best.label}; guessing gets {guess}"
    if best.values[name] > guesses[name] + _ROUNDING:
        seeds = count(len(best.record.seeds), "seed")
        return f"{seeds} cannot tell it from chance: {found}"
    return f"no better than chance: {found}"


def _low(row: ResultRow, measure: str) -> float:
    """Return the lower end of the 95 % interval of a mean over seeds; of one seed its value."""
    values = [seed.values[measure] for seed in row.record.seeds if measure in seed.values]
    mean, n = statistics.fmean(values), len(values)
    if n < 2 or not math.isfinite(row.spread[measure]):
        return mean
    from scipy.stats import t  # a slow import

    return float(mean - t.ppf(0.975, n - 1) * statistics.stdev(values) / math.sqrt(n))
