"""How good the recommended λ of a term is on sources that are left out.

As for margins (`sweeper.repository.evaluation.regret`): sources are left out in turn, the best
known λ is picked on half of the seeds and scored on the others, and sources are the units.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.registry.terms import TERMS
from sweeper.repository.evaluation.calibration import QUANTILE, interval_factor
from sweeper.repository.evaluation.paired_tests import Mean, by_source, mean_over_sources
from sweeper.repository.gains import TooLittleError
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.repository.surrogates.members import votes
from sweeper.repository.terms.effects import Effects
from sweeper.repository.terms.gains import term_gains
from sweeper.repository.terms.prediction import Prediction, predict

#: What is compared.
RECOMMENDED, CONSTANT, NONE = "recommended λ", "best constant λ", "no term"

#: A task on which the recommended λ is worse than no term by more is counted.
POINT = 0.01


@dataclass(frozen=True)
class TermEvaluation:
    """The regrets of ways to choose a λ, each source left out in turn.

    Attributes:
        loss: of the loss that the term stands beside.
        term: name of the term.
        tasks, sources: how many there are.
        regrets: of each way, the mean over sources with its standard error.
        worse: share of the tasks on which the recommended λ is worse than no term by over a point.
        taken: share of the tasks on which a λ was recommended.
        coverage: how often 90 % intervals cover on sources left out, see `coverage_of`.
    """

    loss: str
    term: str
    tasks: int
    sources: int
    regrets: Mapping[str, Mean]
    worse: float
    taken: float
    coverage: float

    def to_dict(self) -> dict[str, object]:
        """Return what ``sweeper fit --format json`` prints of it."""
        regrets = {name: {"regret": m.mean, "se": m.se} for name, m in self.regrets.items()}
        about = {name: getattr(self, name) for name in ("loss", "term", "tasks", "sources")}
        shares = {name: getattr(self, name) for name in ("worse", "taken", "coverage")}
        return {**about, "regrets": regrets, **shares}


def left_out_probability(knowledge: Knowledge, tasks: NDArray[np.bool_]) -> FloatArray:
    """Return how much measured tasks count for each of them with its whole source left out.

    Args:
        knowledge: of the objective.
        tasks: which of its tasks were measured, ``[T]``; t of them.

    Returns:
        ``[t, t]``, rows summing to 1, 0 for tasks of the same source.
    """
    source, chosen = knowledge.responses.source, np.flatnonzero(tasks)
    weights = np.zeros((len(chosen), len(chosen)))
    for left in np.unique(source[tasks]):
        others = tasks & (source != left)
        rest = knowledge.without(~others)
        for row in np.flatnonzero(source[chosen] == left):
            number = chosen[row]
            place = rest.place(knowledge.tasks.iloc[[number]], bool(knowledge.places.tuned[number]))
            weights[row, others[chosen]] = rest.stack.probability(place)
    return weights


def left_out_predictions(effects: Effects, weights: FloatArray) -> list[Prediction]:
    """Return what is predicted for each measured task from other sources, see above."""
    found = []
    for row in weights:
        others = row > 0
        found.append(predict(effects.gain[others], row[others], effects.source[others]))
    return found


def factor_of(effects: Effects, weights: FloatArray) -> float:
    """Return the factor by which deviations must be scaled for intervals to cover other sources.

    From the λ that is predicted best for each task: intervals are about those, and their gains tend
    to disappoint.

    Args:
        effects: of the term.
        weights: see `left_out_probability`.
    """
    return interval_factor(*_of_best(effects, weights), effects.source.astype(float))


def coverage_of(effects: Effects, weights: FloatArray) -> float:
    """Return how often such 90 % intervals cover on sources left out, with factors from the others.

    The mean over sources, of the λ that is predicted best for each task.
    """
    residual, deviation, se = _of_best(effects, weights)
    covered = []
    for left in np.unique(effects.source):
        own = effects.source == left
        source = effects.source[~own].astype(float)
        factor = interval_factor(residual[~own], deviation[~own], se[~own], source)
        reach = QUANTILE * np.hypot(factor * deviation[own], se[own])
        covered.append(float(np.mean(np.abs(residual[own]) <= reach)))
    return float(np.mean(covered))


def _of_best(effects: Effects, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return residual, deviation and error of the λ predicted best for each task, ``[t]`` each."""
    predictions = left_out_predictions(effects, weights)
    tasks, best = np.arange(len(predictions)), [each.best for each in predictions]
    mean = np.array([each.mean[each.best] for each in predictions])
    deviation = np.array([max(1e-12, each.deviation[each.best]) for each in predictions])
    return effects.gain[tasks, best] - mean, deviation, effects.se[tasks, best]


def evaluate_term(effects: Effects, weights: FloatArray) -> TermEvaluation:
    """Leave each source out, choose a λ from the others, and compare ways to choose it."""
    default = TERMS[effects.term].hyperparameters["lambda"].default
    usual = int(np.abs(np.log(effects.lambdas / default)).argmin())
    ways: dict[str, list[int | None]] = {RECOMMENDED: [], CONSTANT: [], NONE: []}
    ways[f"λ = {effects.lambdas[usual]:g}"] = [usual] * len(effects.gain)
    for row, prediction in zip(weights, left_out_predictions(effects, weights), strict=True):
        others = row > 0
        mean = votes(effects.source[others]) @ effects.gain[others]
        ways[RECOMMENDED].append(prediction.chosen)
        ways[CONSTANT].append(int(mean.argmax()) if mean.max() > 0 else None)
        ways[NONE].append(None)
    gained = {name: _gained(effects, chosen) for name, chosen in ways.items()}
    best = _best(effects)
    return TermEvaluation(
        loss=effects.beside.loss,
        term=effects.term,
        tasks=len(effects.gain),
        sources=len(set(effects.source)),
        regrets={
            name: mean_over_sources(by_source(best - gain, effects.source.astype(float)))
            for name, gain in gained.items()
        },
        worse=float(np.mean(gained[RECOMMENDED] < -POINT)),
        taken=float(np.mean([chosen is not None for chosen in ways[RECOMMENDED]])),
        coverage=coverage_of(effects, weights),
    )


def evaluate_terms(
    knowledge: Knowledge, table: pd.DataFrame, objective: str
) -> tuple[TermEvaluation, ...]:
    """Return the evaluation of each term beside each loss that enough sources have.

    Args:
        knowledge: of the objective.
        table: all measures, see `terms.gains.term_gains`.
        objective: accuracy, retrieval or compactness.
    """
    gains = term_gains(table, objective)
    found, known_weights = [], dict[bytes, FloatArray]()
    for with_margins in (False, True):
        for term in TERMS:
            try:
                effects = Effects.of(gains, knowledge, term, with_margins)
            except TooLittleError:
                continue
            key = effects.tasks.tobytes()
            if key not in known_weights:
                known_weights[key] = left_out_probability(knowledge, effects.tasks)
            found.append(evaluate_term(effects, known_weights[key]))
    return tuple(found)


def _gained(effects: Effects, chosen: list[int | None]) -> FloatArray:
    """Return what a λ chosen for each task gains there, 0 for none."""
    return np.array(
        [0.0 if j is None else effects.gain[i, j] for i, j in enumerate(chosen)], dtype=float
    )


def _best(effects: Effects) -> FloatArray:
    """Return the gain of the best known λ, none among them: picked on half of the seeds."""
    none = np.zeros((len(effects.gain), 1))
    a, b = (np.hstack([none, half]) for half in (effects.half_a, effects.half_b))
    tasks = np.arange(len(a))
    return np.asarray((b[tasks, a.argmax(1)] + a[tasks, b.argmax(1)]) / 2)
