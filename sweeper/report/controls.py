"""The controls of a study: how they were selected, and which of them no trial beat."""

import math

from sweeper.confirm.paired import paired
from sweeper.console import count
from sweeper.registry.controls import in_words
from sweeper.registry.objectives import OBJECTIVES
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.repository.objectives import regret_shown, score_of
from sweeper.study.ranking import best_controls
from sweeper.study.study_file import StudySpec


def controls_are(spec: StudySpec) -> str:
    """Return how a study's controls were selected, after 'the controls are'."""
    rates = len(spec.control_settings()) // max(1, len(spec.controls))
    return f"the best of {count(rates, 'learning rate')} each" if rates > 1 else "not selected"


def unbeaten_lines(outcome: StudyResults) -> list[str]:
    """Return a line for each control that scored as the best trial or better, by any objective.

    Each control is the one at its best learning rate. Of the difference it is told whether it is
    more than the noise of the seeds, by a paired test over those that both have.
    """
    return [line for name in outcome.spec.objectives for line in _of_objective(outcome, name)]


def unbeaten(outcome: StudyResults, objective: str) -> list[tuple[ResultRow, ResultRow]]:
    """Return the controls that scored as the best trial or better, each with that trial.

    Of each loss the one that is best by this objective: several have one best rate each.
    """
    known = [row for row in outcome.complete if math.isfinite(row.values[objective])]
    if outcome.spec.kind == "experiment" or not known:
        return []
    best = max(known, key=lambda row: _score(row, objective))
    records = best_controls([row.record for row in outcome.every_control], objective)
    return [
        (control, best)
        for control in outcome.every_control
        if control.record in records
        and math.isfinite(control.values[objective])
        and _score(control, objective) >= _score(best, objective)
    ]


def _of_objective(outcome: StudyResults, objective: str) -> list[str]:
    by = f" by {objective}" if len(outcome.spec.objectives) > 1 else ""
    return [
        f"no trial beat {in_words(str(control.record.control))}{by}: it scored "
        + _lead(control, best, objective)
        for control, best in unbeaten(outcome, objective)
    ]


def _lead(control: ResultRow, best: ResultRow, objective: str) -> str:
    lead = _score(control, objective) - _score(best, objective)
    if not lead:
        return f"as {best.label}, the best"
    better = "higher" if OBJECTIVES[objective].maximize else "better"
    ours, theirs = (
        {seed.seed: score_of(objective, seed.values[objective]) for seed in row.record.seeds}
        for row in (control, best)
    )
    test = paired(ours, theirs)
    noise = "more than the noise" if test.exceeds_noise else "within the noise"
    told = "its noise is unknown" if math.isnan(test.p) else f"{noise} of the seeds"
    return f"{better} than {best.label}, the best, by {regret_shown(objective, lead)} ({told})"


def _score(row: ResultRow, objective: str) -> float:
    return score_of(objective, row.values[objective])
