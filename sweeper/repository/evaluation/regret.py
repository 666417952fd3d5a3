"""How good recommendations are on sources that were left out, beside every baseline.

What is decided here, and why:

- A recommendation can be any setting, but only measured ones have a score. Left out, a task is
  recommended the best of the settings that were measured on it; a baseline that was not among them
  is scored at the nearest one that was, and `measured` says on what share of tasks it was itself.
- The best known score is chosen on half of the seeds and scored on the other half. So a regret can
  be negative, where a recommendation beats what half of the seeds would have chosen.
- A task that is too far from all others is recommended plain softmax, the one setting whose gain
  over plain softmax is known beforehand. Its regret counts like any other.
- Sources are the units of every mean and test: tasks of one source are no independent evidence.
- The surface is chosen by the same regrets, which flatters it. So the recommendation is scored on
  each source with the surface that the other sources' regrets choose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from sweeper.repository.baselines import PLAIN_SOFTMAX
from sweeper.repository.best_known import best_gain, comparable
from sweeper.repository.evaluation.baselines_compared import recommended, regret, rivals
from sweeper.repository.evaluation.calibration import QUANTILE, interval_factor
from sweeper.repository.evaluation.leave_one_out import HeldOut, leave_sources_out
from sweeper.repository.evaluation.paired_tests import (
    SIGNIFICANCE,
    by_source,
    mean_over_sources,
    probability_no_better,
)
from sweeper.repository.evaluation.selection import CAUTIONS, Choice, label, parameters, select
from sweeper.repository.gains import TooLittleError, gains
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import SURROGATES, Surrogate
from sweeper.repository.surrogates.design_matrix import FloatArray

RECOMMENDATION = "recommendation"

#: With fewer, one left out leaves a single one to learn from.
LEAST_SOURCES = 3

#: The share of a task's settings, from the best predicted, that intervals are calibrated on: what
#: is asked about is a setting that looks good, and those are the ones whose gains disappoint.
GOOD = 0.25


@dataclass(frozen=True)
class Evaluation:
    """What came out of leaving each source out.

    Attributes:
        choice: the surface to use, and the mean regrets.
        tasks: a row a task: `task`, `source`, `refused` (too far), `best` (gain of the best known
            setting), and the regret of `RECOMMENDATION` and of every baseline under its name.
        measured: of each baseline, the share of tasks on which it was itself measured.
    """

    choice: Choice
    tasks: pd.DataFrame
    measured: dict[str, float]

    def summary(self) -> pd.DataFrame:
        """Return a row each: name, regret, its standard error, p (no worse than ours), measured."""
        rows = [
            {"name": name, **numbers, "measured": self.measured.get(name, 1.0)}
            for name, numbers in self.choice.regrets.items()
        ]
        return pd.DataFrame(rows)


@lru_cache(maxsize=16)
def evaluate(
    repository: Repository, objective: str, surfaces: tuple[Surrogate, ...] = SURROGATES
) -> Evaluation:
    """Leave each source out in turn, choose a surface, and compare it with the baselines.

    The result is kept in memory, under the repository's digest.

    Args:
        repository: what is known.
        objective: accuracy, retrieval or compactness.
        surfaces: among which to choose, from the simplest.

    Raises:
        UsageError: there is no such objective.
        TooLittleError: fewer than three sources have what is needed: plain softmax and settings
            with margins, with two seeds or more.
    """
    known = gains(repository.objective(objective), objective)
    usable = {
        rows["source"].iloc[0]
        for _, rows in known.groupby("task")
        if np.isfinite(best_gain(comparable(rows)))
    }
    if len(usable) < LEAST_SOURCES:
        raise TooLittleError(
            f"the repository has {len(usable)} of the {LEAST_SOURCES} sources that it takes "
            f"to predict {objective} (with plain softmax, two seeds or more): sweep more data sets"
        )
    all_held = list(leave_sources_out(repository, known, surfaces))
    held = [each for each in all_held if np.isfinite(each.best)]
    source = np.array([each.source for each in held])
    policies = [(s, caution) for s in range(len(surfaces)) for caution in CAUTIONS]
    regrets = np.array([[regret(h, recommended(h, *policy)) for h in held] for policy in policies])
    errors = _errors(all_held, len(surfaces))
    of_policy = np.array([errors[s] for s, _ in policies])
    per_source = by_source(regrets, source)
    chosen = select(per_source, of_policy)
    ours = _cross_selected(regrets, source, of_policy)

    stands = [rivals(each) for each in held]
    table = pd.DataFrame(
        {
            "task": [each.task for each in held],
            "source": source,
            "refused": [each.too_far for each in held],
            "best": [each.best for each in held],
            RECOMMENDATION: ours,
        }
    )
    for name in stands[0]:
        table[name] = [regret(h, s[name].position) for h, s in zip(held, stands, strict=True)]
    measured = {n: float(np.mean([s[n].measured for s in stands])) for n in stands[0]}
    surface, caution = policies[chosen]
    factor, coverage = _intervals(all_held, surface, caution)
    means = {
        name: by_source(table[name].to_numpy(), source) for name in (RECOMMENDATION, *stands[0])
    }
    choice = Choice(
        objective=objective,
        digest=repository.digest,
        sources=len(set(source)),
        tasks=len(held),
        kind=surfaces[surface].kind,
        parameters=parameters(surfaces[surface]),
        caution=caution,
        factor=factor,
        coverage=coverage,
        rival=_rival(means, measured),
        regrets={name: _numbers(means, name) for name in means},
        scores={
            label(each): {
                "regret": float(
                    per_source[s * len(CAUTIONS) : (s + 1) * len(CAUTIONS)].mean(1).min()
                ),
                "error": float(errors[s]),
            }
            for s, each in enumerate(surfaces)
        },
    )
    return Evaluation(choice, table, measured)


def _cross_selected(regrets: FloatArray, source: FloatArray, errors: FloatArray) -> FloatArray:
    """Return the regret on each task with the policy that the other sources choose, ``[tasks]``."""
    ours = np.empty(regrets.shape[1])
    for name in np.unique(source):
        others = source != name
        policy = select(by_source(regrets[:, others], source[others]), errors)
        ours[~others] = regrets[policy, ~others]
    return ours


def _rival(means: dict[str, FloatArray], measured: dict[str, float]) -> str | None:
    """Return the baseline to recommend instead, None where the regression is better than all.

    Better is a regret less than that of the best baseline by a paired test. A baseline that was
    hardly ever measured itself is not recommended. Plain softmax needs no hyperparameters, and is
    taken where the best baseline is not better than it by more than one standard error.
    """
    names = [name for name in means if name != RECOMMENDATION and measured[name] >= 0.5]
    best = min(names, key=lambda name: float(means[name].mean()))
    if probability_no_better(means[RECOMMENDATION], means[best]) < SIGNIFICANCE:
        return None
    above = mean_over_sources(means[PLAIN_SOFTMAX] - means[best])
    return PLAIN_SOFTMAX if above.mean <= above.se else best


def _numbers(means: dict[str, FloatArray], name: str) -> dict[str, float]:
    mean = mean_over_sources(means[name])
    p = (
        float("nan")
        if name == RECOMMENDATION
        else probability_no_better(means[RECOMMENDATION], means[name])
    )
    return {"regret": mean.mean, "se": mean.se, "p": p}


def _errors(held: Sequence[HeldOut], surfaces: int) -> FloatArray:
    """Return the weighted error of each surface: 1 is that of predicting no gain at all.

    A row's weight falls with the noise of its seeds; each source has one vote.
    """
    source = np.concatenate([np.repeat(h.source, len(h.gain)) for h in held])
    gain = np.concatenate([h.gain for h in held])
    se = np.concatenate([h.se for h in held])
    _, of_row, counts = np.unique(source, return_inverse=True, return_counts=True)
    weight = 1 / (se**2 + max(float(gain.var()), 1e-12)) / counts[of_row]
    mean = np.concatenate([h.mean for h in held], axis=1)
    whole = max(float(weight @ gain**2), 1e-300)
    return np.array(
        [float(np.sqrt(weight @ (gain - mean[s]) ** 2 / whole)) for s in range(surfaces)]
    )


def _intervals(held: Sequence[HeldOut], surface: int, caution: float) -> tuple[float, float]:
    """Return the factor of the deviations, and the coverage with those of the other sources."""
    parts = []
    for number, each in enumerate(held):
        bound = each.mean[surface] - caution * each.deviation[surface]
        good = bound.argsort(kind="stable")[::-1][: max(1, round(GOOD * len(bound)))]
        residual = each.gain[good] - each.mean[surface, good]
        deviation, se = each.deviation[surface, good], each.se[good]
        parts.append(np.column_stack([residual, deviation, se, np.full(len(good), number)]))
    residual, deviation, se, task = np.concatenate(parts).T
    _, of_task = np.unique([each.source for each in held], return_inverse=True)
    source = of_task[task.astype(int)].astype(float)
    factor = interval_factor(residual, deviation, se, source)
    covered = []
    for left in np.unique(source):
        own = source == left
        others = interval_factor(residual[~own], deviation[~own], se[~own], source[~own])
        width = QUANTILE * np.hypot(others * deviation[own], se[own])
        covered.append(float(np.mean(np.abs(residual[own]) <= width)))
    return factor, float(np.mean(covered))
