"""The regret of recommendations and of all baselines on held-out sources.

Decisions and their reasons:

- A recommendation can be any setting, but only measured ones have a score. So a held-out task is
  recommended the best of its measured settings. A baseline that was not measured is scored at the
  nearest setting that was; `measured` is the fraction of tasks on which it was measured itself.
- The best known setting is chosen on half of the seeds and scored on the other half. So a regret is
  negative if a recommendation beats the choice from half of the seeds.
- For a task too far from all others the recommendation is plain softmax, the one setting whose gain
  over plain softmax is known in advance. Its regret counts like any other.
- Sources are the units of all means and tests: tasks of one source are not independent.
- The surrogate is chosen by the same regrets, which favors it. So the recommendation is
  scored on each source with the surrogate that the other sources' regrets select.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from sweeper.repository.baselines import PLAIN_SOFTMAX
from sweeper.repository.best_known import best_gain, comparable
from sweeper.repository.evaluation.baselines_compared import compared_baselines, recommended, regret
from sweeper.repository.evaluation.calibration import QUANTILE, interval_factor
from sweeper.repository.evaluation.leave_one_out import HeldOut, leave_sources_out
from sweeper.repository.evaluation.paired_tests import (
    SIGNIFICANCE,
    by_source,
    mean_over_sources,
    probability_no_better,
)
from sweeper.repository.evaluation.selection import KAPPAS, Choice, label, parameters, select
from sweeper.repository.gains import TooLittleError, gains
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import SURROGATES, Surrogate
from sweeper.repository.surrogates.design_matrix import FloatArray

RECOMMENDATION = "recommendation"

#: With fewer, only one source would be left to learn from.
MIN_SOURCES = 3

#: The fraction of a task's settings, those predicted best, on which intervals are calibrated:
#: queries are about settings that look good, and the gains of those tend to disappoint.
GOOD = 0.25


@dataclass(frozen=True)
class Evaluation:
    """The result of leaving each source out.

    Attributes:
        choice: the chosen surrogate, and the mean regrets.
        tasks: one row per task: `task`, `source`, `refused` (too far), `best` (gain of the best
            known setting), and the regrets of `RECOMMENDATION` and of every baseline by name.
        measured: for each baseline, the fraction of tasks on which it was measured itself.
    """

    choice: Choice
    tasks: pd.DataFrame
    measured: dict[str, float]

    def summary(self) -> pd.DataFrame:
        """Return one row per name: regret, its standard error, p (ours no better), measured."""
        rows = [
            {"name": name, **numbers, "measured": self.measured.get(name, 1.0)}
            for name, numbers in self.choice.regrets.items()
        ]
        return pd.DataFrame(rows)


@lru_cache(maxsize=16)
def evaluate(
    repository: Repository, objective: str, surrogates: tuple[Surrogate, ...] = SURROGATES
) -> Evaluation:
    """Leave each source out in turn, choose a surrogate, and compare it with the baselines.

    The result is cached in memory by the repository's digest.

    Args:
        repository: the repository.
        objective: accuracy, retrieval or compactness.
        surrogates: the candidates, simplest first.

    Raises:
        UsageError: there is no such objective.
        TooLittleError: fewer than three sources have plain softmax and settings with margins, each
            with two or more seeds.
    """
    known = gains(repository.objective(objective), objective)
    usable = {
        rows["source"].iloc[0]
        for _, rows in known.groupby("task")
        if np.isfinite(best_gain(comparable(rows)))
    }
    if len(usable) < MIN_SOURCES:
        raise TooLittleError(
            f"the repository has {len(usable)} of the {MIN_SOURCES} sources that it takes "
            f"to predict {objective} (with plain softmax, two seeds or more): sweep more data sets"
        )
    all_held = list(leave_sources_out(repository, known, surrogates))
    held = [each for each in all_held if np.isfinite(each.best)]
    source = np.array([each.source for each in held])
    policies = [(s, kappa) for s in range(len(surrogates)) for kappa in KAPPAS]
    regrets = np.array([[regret(h, recommended(h, *policy)) for h in held] for policy in policies])
    errors = _errors(all_held, len(surrogates))
    of_policy = np.array([errors[s] for s, _ in policies])
    per_source = by_source(regrets, source)
    chosen = select(per_source, of_policy)
    ours = _cross_selected(regrets, source, of_policy)

    positions = [compared_baselines(each) for each in held]
    table = pd.DataFrame(
        {
            "task": [each.task for each in held],
            "source": source,
            "refused": [each.too_far for each in held],
            "best": [each.best for each in held],
            RECOMMENDATION: ours,
        }
    )
    for name in positions[0]:
        table[name] = [regret(h, s[name].position) for h, s in zip(held, positions, strict=True)]
    measured = {n: float(np.mean([s[n].measured for s in positions])) for n in positions[0]}
    surrogate, kappa = policies[chosen]
    factor, coverage = _intervals(all_held, surrogate, kappa)
    means = {
        name: by_source(table[name].to_numpy(), source) for name in (RECOMMENDATION, *positions[0])
    }
    choice = Choice(
        objective=objective,
        digest=repository.digest,
        sources=len(set(source)),
        tasks=len(held),
        kind=surrogates[surrogate].kind,
        parameters=parameters(surrogates[surrogate]),
        kappa=kappa,
        factor=factor,
        coverage=coverage,
        baseline=_baseline_instead(means, measured),
        regrets={name: _numbers(means, name) for name in means},
        scores={
            label(each): {
                "regret": float(per_source[s * len(KAPPAS) : (s + 1) * len(KAPPAS)].mean(1).min()),
                "error": float(errors[s]),
            }
            for s, each in enumerate(surrogates)
        },
    )
    return Evaluation(choice, table, measured)


def _cross_selected(regrets: FloatArray, source: FloatArray, errors: FloatArray) -> FloatArray:
    """Return the regret on each task with the policy selected on the other sources, ``[tasks]``."""
    ours = np.empty(regrets.shape[1])
    for name in np.unique(source):
        others = source != name
        policy = select(by_source(regrets[:, others], source[others]), errors)
        ours[~others] = regrets[policy, ~others]
    return ours


def _baseline_instead(means: dict[str, FloatArray], measured: dict[str, float]) -> str | None:
    """Return the baseline to recommend instead, or None if the surrogate is better than all.

    Better means a lower regret than the best baseline in a paired test. Baselines that were rarely
    measured themselves are not recommended. Plain softmax needs no hyperparameters and is preferred
    unless the best baseline beats it by more than one standard error.
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


def _errors(held: Sequence[HeldOut], surrogates: int) -> FloatArray:
    """Return the weighted error of each surrogate, relative to predicting no gain at all.

    A row's weight decreases with its seed noise; sources have equal weight.
    """
    source = np.concatenate([np.repeat(h.source, len(h.gain)) for h in held])
    gain = np.concatenate([h.gain for h in held])
    se = np.concatenate([h.se for h in held])
    _, of_row, counts = np.unique(source, return_inverse=True, return_counts=True)
    weight = 1 / (se**2 + max(float(gain.var()), 1e-12)) / counts[of_row]
    mean = np.concatenate([h.mean for h in held], axis=1)
    whole = max(float(weight @ gain**2), 1e-300)
    return np.array(
        [float(np.sqrt(weight @ (gain - mean[s]) ** 2 / whole)) for s in range(surrogates)]
    )


def _intervals(held: Sequence[HeldOut], surrogate: int, kappa: float) -> tuple[float, float]:
    """Return the factor of the deviations, and the coverage with factors from the other sources."""
    parts = []
    for number, each in enumerate(held):
        bound = each.mean[surrogate] - kappa * each.deviation[surrogate]
        good = bound.argsort(kind="stable")[::-1][: max(1, round(GOOD * len(bound)))]
        residual = each.gain[good] - each.mean[surrogate, good]
        deviation, se = each.deviation[surrogate, good], each.se[good]
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
