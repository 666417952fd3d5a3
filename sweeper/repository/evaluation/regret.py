"""The regret of the recommendation and of every other method on held-out tasks.

Decisions and their reasons:

- A recommendation can be any setting, but only measured ones have a score. So a held-out task is
  recommended some of its measured settings, at the learning rate that most of them were trained at,
  or plain softmax at the best of its rates. A baseline that was not measured is scored at the
  nearest setting that was; `measured` is the fraction of tasks on which it was measured itself.
- The best known setting, and the best of several tried, are chosen on half of the seeds and scored
  on the other half, for every method alike. So a regret is negative if a method beats the choice
  from half of the seeds.
- A task too far from all others is answered as one that is too far. Its regret counts like any.
- Sources are the units of all means and tests: tasks of one source are not independent.
- All that is chosen by results (how the members are averaged, the mean over tasks) is chosen anew
  for each held-out source, without it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.baselines import PLAIN_SOFTMAX
from sweeper.repository.evaluation.calibration import QUANTILE, interval_factor
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.evaluation.methods import OURS, RANDOM, Attempts, FittedAdaCos, attempts
from sweeper.repository.evaluation.paired_tests import (
    by_source,
    mean_over_sources,
    probability_no_better,
)
from sweeper.repository.evaluation.regimes import REGIMES, of_regime
from sweeper.repository.gains import TooLittleError
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.knowledge import Knowledge, learned
from sweeper.repository.surrogates.members import MEMBERS

#: The numbers of tries that are compared.
TRIES = (1, 3, 5)

#: The scheme in which each source is left out in turn, and what is added to a regime's name.
SOURCES, OWN_SOURCE, WHOLE = "each source left out", "source left out", "regime left out"

#: With fewer sources, only one would be left to learn from, or to judge by.
MIN_SOURCES = 3

#: The fraction of a task's settings, those predicted best, on which intervals are calibrated:
#: queries are about settings that look good, and the gains of those tend to disappoint.
GOOD = 0.25

#: What the recommendation is held against on each task, and by how much it counts as worse.
SAFE = (PLAIN_SOFTMAX, "ArcFace (0.5, 64)")
POINT = 0.01


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The result of leaving out sources and regimes.

    Attributes:
        choice: how to predict, and the summary.
        tasks: one row per scheme and task: `scheme`, `task`, `source`, `refused` (too far), `best`
            (gain of the best known setting), `method`, and its regrets `1`, `3` and `5`.
    """

    choice: Choice
    tasks: pd.DataFrame


@lru_cache(maxsize=16)
def evaluate(repository: Repository, objective: str) -> Evaluation:
    """Leave out each source, and each regime, and compare the recommendation with all else.

    The result is cached in memory by the repository's digest.

    Args:
        repository: the repository.
        objective: accuracy, retrieval or compactness.

    Raises:
        UsageError: there is no such objective.
        TooLittleError: fewer than three sources have plain softmax and settings with margins, each
            with two or more seeds.
    """
    knowledge = _knowledge(repository, objective)
    held = held_out_tasks(knowledge)
    source = knowledge.responses.source
    usable = np.array([each is not None for each in held])
    if (number := len(set(source[usable]))) < MIN_SOURCES:
        raise TooLittleError(_too_little(objective, number))
    adacos = FittedAdaCos.of(knowledge)
    found: dict[int, Attempts] = {}
    for left in np.unique(source[usable]):
        found |= _attempts(knowledge, held, source == left, adacos)
    tables = [_table(SOURCES, found, source)]
    schemes: dict[str, dict[str, Any]] = {SOURCES: _sizes(found, source)}
    for regime in REGIMES:
        inside = of_regime(regime, knowledge.tasks)
        own = {number: each for number, each in found.items() if inside[number]}
        others = len(set(source[usable & ~inside]))
        if min(len({source[number] for number in own}), others) < MIN_SOURCES:
            schemes[regime] = {"missing": _missing(len({source[n] for n in own}), others)}
            continue
        whole = _attempts(knowledge, held, inside, adacos)
        for name, part in ((OWN_SOURCE, own), (WHOLE, whole)):
            schemes[f"{regime}: {name}"] = _sizes(part, source)
            tables.append(_table(f"{regime}: {name}", part, source))
    table = pd.concat(tables, ignore_index=True)
    factor, coverage, width = _intervals(list(found.values()), source[list(found)])
    choice = Choice(
        objective=objective,
        digest=repository.digest,
        sources=number,
        tasks=int(usable.sum()),
        smoothing=asdict(knowledge.responses.smoothing),
        shares={
            str(member): float(share)
            for member, share in zip(MEMBERS, knowledge.stack.share, strict=True)
        },
        factor=factor,
        coverage=coverage,
        width=width,
        refused=sum(each.too_far for each in found.values()),
        worse={name: _worse(found, name) for name in SAFE},
        regrets={str(scheme): _summary(rows) for scheme, rows in table.groupby("scheme")},
        schemes=schemes,
    )
    return Evaluation(choice, table)


def _knowledge(repository: Repository, objective: str) -> Knowledge:
    try:
        return learned(repository, objective)
    except TooLittleError:
        raise TooLittleError(_too_little(objective, 0)) from None


def _too_little(objective: str, number: int) -> str:
    return (
        f"the repository has {number} of the {MIN_SOURCES} sources that it takes "
        f"to predict {objective} (with plain softmax, two seeds or more): sweep more data sets"
    )


def _missing(inside: int, outside: int) -> str:
    which = f"{inside} of it" if inside < MIN_SOURCES else f"{outside} outside of it"
    return f"sources: {which}, {MIN_SOURCES} needed"


def held_out_tasks(knowledge: Knowledge) -> list[HeldOut | None]:
    """Return each known task as one that is held out; None where it cannot be scored."""
    gains = dict(iter(knowledge.gains.groupby("task")))
    return [
        HeldOut.of(knowledge.tasks.iloc[[number]], gains[task])
        for number, task in enumerate(knowledge.responses.tasks)
    ]


def _attempts(
    knowledge: Knowledge,
    held: Sequence[HeldOut | None],
    left_out: NDArray[np.bool_],
    adacos: FittedAdaCos,
) -> dict[int, Attempts]:
    """Return what is tried on each of the tasks left out, by their numbers."""
    rest = knowledge.without(left_out)
    return {
        number: attempts(rest, each, adacos)
        for number, each in enumerate(held)
        if left_out[number] and each is not None
    }


def _sizes(found: dict[int, Attempts], source: NDArray[np.int64]) -> dict[str, Any]:
    return {"tasks": len(found), "sources": len({int(source[number]) for number in found})}


def _table(scheme: str, found: dict[int, Attempts], source: NDArray[np.int64]) -> pd.DataFrame:
    """Return one row per task and method."""
    rows: list[dict[Any, Any]] = []
    for number, each in found.items():
        held = each.held
        about = {"scheme": scheme, "task": held.task["id"].iloc[0], "source": int(source[number])}
        about |= {"refused": each.too_far, "best": held.best}
        for name, tried in each.tries.items():
            regrets = {k: held.regret(tried[:k]) for k in TRIES if k == 1 or len(tried) > 1}
            row = {**about, "method": name, "measured": each.measured.get(name, True)}
            rows.append({**row, **regrets})
        random = {k: held.random_regret(k) for k in TRIES}
        rows.append({**about, "method": RANDOM, "measured": True, **random})
    return pd.DataFrame(rows).reindex(columns=[*about, "method", "measured", *TRIES])


def _summary(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return each method's mean regrets over sources, of one scheme."""
    ours = rows[rows["method"] == OURS]
    source = ours["source"].to_numpy()
    first = by_source(ours[1].to_numpy(float), source)
    summary = {}
    for name, own in rows.groupby("method", sort=False):
        each = [by_source(own[k].to_numpy(float), source) for k in TRIES]
        means = [mean_over_sources(values) for values in each]
        summary[str(name)] = {
            "regret": [mean.mean for mean in means],
            "se": [mean.se for mean in means],
            "p": float("nan") if name == OURS else probability_no_better(first, each[0]),
            "measured": float(own["measured"].mean()),
        }
    return summary


def _worse(found: dict[int, Attempts], name: str) -> dict[str, float]:
    """Return the shares of tasks on which the recommendation is worse by more than a point."""
    every = list(found.values())
    pairs = [(each.held, each.tries[OURS][0], each.tries[name][0]) for each in every]
    lead = np.array([held.gain[ours] - held.gain[theirs] for held, ours, theirs in pairs])
    noise = np.array([np.hypot(held.se[ours], held.se[theirs]) for held, ours, theirs in pairs])
    surely = lead + QUANTILE * noise < -POINT
    return {"all": float(np.mean(lead < -POINT)), "surely": float(surely.mean())}


def _intervals(
    found: Sequence[Attempts], source: NDArray[np.int64]
) -> tuple[float, dict[str, float], float]:
    """Return the factor of the deviations, the coverage, and the median width of intervals.

    The coverage is that with factors from the other sources.
    """
    parts = []
    for each, own in zip(found, source, strict=True):
        center, deviation = each.scenarios.center, each.scenarios.deviation
        expected = each.scenarios.probability @ each.scenarios.gains
        good = (-expected).argsort(kind="stable")[: max(1, round(GOOD * len(expected)))]
        compression, gain = each.scenarios.compression, each.held.gain[:-1]
        residual = compression.compress_gain(gain) - center
        # The noise of plain softmax is in all gains, and so in what is compared.
        noise = np.hypot(each.held.se[:-1], each.held.se[-1])
        se = compression.compress_error(gain, noise)
        columns = (residual, deviation, se, center, np.full(len(gain), own))
        parts.append(np.column_stack(columns)[good])
    residual, deviation, se, center, of_source = np.concatenate(parts).T
    factor = interval_factor(residual, deviation, se, of_source)
    compression = found[0].scenarios.compression
    ends = [center + sign * QUANTILE * factor * deviation for sign in (-1, 1)]
    width = float(np.median(np.subtract(*map(compression.decompress, reversed(ends)))))
    covered = []
    for left in np.unique(of_source):
        own = of_source == left
        if (~own).all() or len(np.unique(of_source[~own])) < 2:
            continue
        others = interval_factor(residual[~own], deviation[~own], se[~own], of_source[~own])
        reach = QUANTILE * np.hypot(others * deviation[own], se[own])
        covered.append(float(np.mean(np.abs(residual[own]) <= reach)))
    mean = mean_over_sources(np.array(covered)) if covered else None
    coverage = {"mean": float("nan"), "se": float("nan")} if mean is None else asdict(mean)
    return factor, coverage, width
