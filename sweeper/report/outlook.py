"""What a search found, as a set: trials that cannot be told apart, and what more would gain."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sweeper.console import count
from sweeper.report.chance import chance_line
from sweeper.report.controls import unbeaten, unbeaten_lines
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.repository.objectives import regret_shown, score_of
from sweeper.store import Outlook

#: Standard errors of a difference, below which two trials are as good: one-sided at 5 %.
_QUANTILE = 1.645

#: Fewest trials that say how noisy they are.
_FEWEST = 3

#: Most trials that are named as good as the best.
_SHOWN = 5


def as_good(outcome: StudyResults) -> list[ResultRow]:
    """Return the trials that cannot be told from the best by their seeds, the best first.

    Trials are compared in pairs over the same seeds: what all have in common with a seed, such as
    its fold of the classes, is no noise. Empty unless it is a search by one objective, with several
    seeds and trials.
    """
    if outcome.spec.kind == "experiment" or len(outcome.spec.objectives) > 1:
        return []
    objective = outcome.spec.objectives[0]
    costs = {id(row): _costs(row, objective) for row in outcome.ranked}
    best = next(iter(outcome.ranked), None)
    if best is None or len(costs[id(best)]) < 2:
        return []
    alike = [row for row in outcome.ranked if costs[id(row)].keys() == costs[id(best)].keys()]
    if len(alike) < _FEWEST:
        return []
    table = [costs[id(row)] for row in alike]
    limit = _QUANTILE * math.sqrt(2 * _variance(table) / len(table[0]))
    means = [statistics.fmean(each.values()) for each in table]
    return [row for row, mean in zip(alike, means, strict=True) if mean - means[0] <= limit]


def lines(outcome: StudyResults) -> list[str]:
    """Return what there is to say of the search as a whole, a line each.

    Whether the best trial is better than guessing and than the controls, which trials are as good
    within noise, and what further ones would gain.
    """
    chance = chance_line(outcome)
    said = [*([] if chance is None else [chance]), *unbeaten_lines(outcome)]
    alike = as_good(outcome)
    if len(alike) > 1:
        labels = ", ".join(row.label for row in alike[1 : _SHOWN + 1])
        more = f" and {count(len(alike) - _SHOWN - 1, 'other')}" if len(alike) > _SHOWN + 1 else ""
        said.append(f"as good as {alike[0].label} within the noise of the seeds: {labels}{more}")
    if outcome.outlook is not None:
        said.append(outlook_line(outcome.outlook, outcome.spec.objectives[0]))
    return said


def outlook_line(outlook: Outlook, objective: str) -> str:
    """Write what further trials would gain: ``after 9 trials, more would gain …``."""
    gain, noise = (regret_shown(objective, each) for each in (outlook.gain, outlook.noise))
    told = f"after {count(outlook.trials, 'trial')}, more would gain about {gain}"
    known = f"the standard error of a confirmation is {noise}"
    return f"settled {told}, and {known}" if outlook.settled else f"{told}; {known}"


def to_dict(outcome: StudyResults) -> dict[str, Any]:
    """Return `lines` for programs: numbers of trials, and gains as shares or log ratios."""
    outlook = outcome.outlook
    return {
        "chance": chance_line(outcome),
        "unbeaten": list(
            dict.fromkeys(
                control.record.control
                for name in outcome.spec.objectives
                for control, _ in unbeaten(outcome, name)
            )
        ),
        "as_good": [row.record.number for row in as_good(outcome)],
        "outlook": None if outlook is None else {**asdict(outlook), "settled": outlook.settled},
    }


def _costs(row: ResultRow, objective: str) -> dict[int, float]:
    """Return the costs of a trial by seed; of a ratio its logarithm."""
    found = {}
    for seed in row.record.seeds:
        value = seed.values.get(objective, math.nan)
        found[seed.seed] = -score_of(objective, value)
    return found


def _variance(table: Sequence[Mapping[int, float]]) -> float:
    """Return the typical variance of trials over seeds, without what these have in common."""
    seeds = list(table[0])
    common = {seed: statistics.fmean(row[seed] for row in table) for seed in seeds}
    degrees = (len(seeds) - 1) * (1 - 1 / len(table))
    variances = []
    for row in table:
        rest = [row[seed] - common[seed] for seed in seeds]
        mean = statistics.fmean(rest)
        variances.append(sum((each - mean) ** 2 for each in rest) / degrees)
    return statistics.median(variances)
