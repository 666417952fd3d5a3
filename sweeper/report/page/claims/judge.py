"""From a claim and what was measured to a verdict."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sweeper.data import format_spec, parse
from sweeper.errors import SweeperError
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.report.page.claims.claim import (
    AnyDiffers,
    Best,
    Better,
    BetterAtEqualAccuracy,
    Choice,
    Claim,
    Falls,
    Level,
)
from sweeper.report.page.claims.equal_accuracy import (
    NoEqualAccuracy,
    Point,
    at_equal_accuracy,
    common_seeds,
)
from sweeper.report.page.claims.verdict import Verdict, any_differs, best, better, level
from sweeper.report.page.comparison import obstacles
from sweeper.report.page.reported import Reported, best_by_validation, by_seed
from sweeper.report.study_results import ResultRow
from sweeper.study.resolve import builtin_study

#: Measures of a class, as `sweeper.store.ClassRecord` calls them; smaller is better.
_OF_CLASS = ("spread", "plain_spread")


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict, and in what our training is another than the source's."""

    claim: Claim
    verdict: Verdict
    remarks: tuple[str, ...] = ()


class _NotRun(Exception):
    """Why a claim cannot be judged yet."""


def judge(claim: Claim, studies: Mapping[str, Reported]) -> Judged:
    """Judge a claim.

    Args:
        claim: what is judged.
        studies: by name, all that there are.
    """
    remarks = [claim.stand_in] if claim.stand_in else []
    for name in claim.studies:
        if name in studies:
            remarks += _changes(studies[name])
    try:
        _require_comparable([studies[name] for name in claim.studies if name in studies])
        verdict = _verdict(claim, studies)
    except _NotRun as reason:
        verdict = Verdict("not run", str(reason))
    return Judged(claim, verdict, tuple(dict.fromkeys(remarks)))


def _require_comparable(studies: Sequence[Reported]) -> None:
    """Refuse studies whose seeds are no pairs: of other data, or of another split of them."""
    for one, other in combinations(studies, 2):
        if why := obstacles(one, other):
            raise _NotRun(f"{one.name} and {other.name} cannot be compared: {'; '.join(why)}")


def _verdict(claim: Claim, studies: Mapping[str, Reported]) -> Verdict:
    measure = claim.measure
    sign = 1 if measure in OBJECTIVES and OBJECTIVES[measure].maximize else -1

    def values(choice: Choice) -> dict[int, float]:
        study = _study(choice, studies)
        return _by_seed(_chosen(study, choice), measure)

    match claim.rule:
        case Better(one, other, published):
            return better(values(one), values(other), sign, published)
        case Best(one, others):
            rivals = {_name(choice, others): values(choice) for choice in others}
            return best(values(one), rivals, sign)
        case Level(one, other, within):
            return level(values(one), values(other), within)
        case AnyDiffers(of, published):
            rows = _rows(_study(of, studies), of)
            every = {row.record.setting.describe(): _by_seed(row, measure) for row in rows}
            return any_differs(every, published)
        case Falls(of, curve):
            first, last = _ends(_chosen(_study(of, studies), of), curve)
            return better(last, first, -1)
        case BetterAtEqualAccuracy(one, other, plain):
            sweeps = [_sweep(_study(each, studies), each, measure) for each in (one, other)]
            accuracy = _by_seed(_chosen(_study(plain, studies), plain), DEFAULT_OBJECTIVE)
            return _at_equal_accuracy((one, other), sweeps, accuracy, sign)


def _study(choice: Choice, studies: Mapping[str, Reported]) -> Reported:
    """Return the study of a choice, which must be finished: what is missing might be chosen."""
    if choice.study not in studies:
        raise _NotRun(f"`sweeper run {choice.study}`")
    study = studies[choice.study]
    if len(study.outcome.complete) + study.outcome.summary.states["failed"] < study.spec.n_trials:
        raise _NotRun(f"{choice.study}: {study.progress}")
    return study


def _rows(study: Reported, choice: Choice) -> list[ResultRow]:
    def fits(row: ResultRow) -> bool:
        setting = row.record.setting
        return setting.losses == choice.losses and all(
            math.isclose(setting.get(name, math.nan), value) for name, value in choice.at.items()
        )

    return [row for row in study.rows if fits(row)]


def _chosen(study: Reported, choice: Choice) -> ResultRow:
    rows = _rows(study, choice)
    if not rows:
        raise _NotRun(f"{choice.study} has no complete trial of {_name(choice, ())}")
    found = best_by_validation(study, rows)
    if found is None:
        raise _NotRun(
            f"{choice.study}: validation accuracy, which the best setting of {choice.losses} is "
            "chosen by, was not measured"
        )
    return found


def _sweep(study: Reported, choice: Choice, measure: str) -> list[Point]:
    """Return what was measured over the λ of a loss with one term."""
    points = []
    for row in _rows(study, choice):
        (term,) = row.record.setting.terms
        weight, accuracy = row.record.setting[f"{term}.lambda"], by_seed(row, DEFAULT_OBJECTIVE)
        points.append(Point(weight, accuracy, _by_seed(row, measure)))
    if len(points) < 2:
        raise _NotRun(f"{choice.study} has fewer than two complete λ of {choice.losses}")
    return points


def _at_equal_accuracy(
    choices: tuple[Choice, Choice], sweeps: list[list[Point]], plain: dict[int, float], sign: int
) -> Verdict:
    of = ""
    try:
        seeds, values = common_seeds(plain, *sweeps), []
        for choice, sweep in zip(choices, sweeps, strict=True):
            of = f"{choice.losses}: "
            values.append(at_equal_accuracy(sweep, plain, seeds))
    except NoEqualAccuracy as reason:
        return Verdict("cannot be told", f"{of}{reason}")
    one, other = values
    return better(one, other, sign)


def _by_seed(row: ResultRow, measure: str) -> dict[int, float]:
    if measure not in _OF_CLASS:
        return by_seed(row, measure)
    return {
        seed.seed: statistics.fmean(float(getattr(of, measure)) for of in seed.classes)
        for seed in row.record.seeds
        if seed.classes
    }


def _ends(row: ResultRow, curve: str) -> tuple[dict[int, float], dict[int, float]]:
    """Return what a loss reports after the first and the last epoch, the mean over classes."""
    ends: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for seed in row.record.seeds:
        for values, epoch in zip(ends, (seed.curve[0], seed.curve[-1]), strict=True):
            if curve in epoch.class_values:
                values[seed.seed] = statistics.fmean(epoch.class_values[curve])
    return ends


def _name(choice: Choice, among: tuple[Choice, ...]) -> str:
    """Return a choice in words; what all share is left out."""
    shared = {name for name in choice.at if all(c.at.get(name) == choice.at[name] for c in among)}
    own = ", ".join(f"{n} {v:g}" for n, v in choice.at.items() if not among or n not in shared)
    return f"{choice.losses} ({own})" if own else choice.losses


def _changes(study: Reported) -> list[str]:
    """Return what was changed in a built-in study before it was run."""
    try:
        planned = builtin_study(study.name)
    except SweeperError:
        return [f"{study.name} is no built-in study here"]
    canonical = {"dataset": format_spec(*parse(planned.dataset))}  # as a stored one is
    changed = study.spec.changes(planned.model_copy(update=canonical))
    return [f"run with {', '.join(changed)}"] if changed else []
