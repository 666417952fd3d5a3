"""The λ of terms for a task without results, from the tasks that they were measured on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.evaluation.calibration import QUANTILE
from sweeper.repository.gains import TooLittleError
from sweeper.repository.recommendation.beside import Beside
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.query import MOSTLY, Query
from sweeper.repository.recommendation.term_advice import TermAdvice
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.terms.effects import Effects
from sweeper.repository.terms.evaluation import factor_of, left_out_probability
from sweeper.repository.terms.gains import term_gains
from sweeper.repository.terms.prediction import predict, to_try


def advise_terms(
    query: Query, asked: Sequence[str], table: pd.DataFrame | None, objective: str
) -> Beside:
    """Return what is known of terms for the task of a query.

    Args:
        query: the query.
        asked: the terms, see `beside.asked_terms`.
        table: all measures, see `sweeper.repository.terms.gains`; None if there are none.
        objective: accuracy, retrieval or compactness.
    """
    unmeasured = Beside.unmeasured(asked)
    if not asked or table is None:
        return unmeasured
    gains = term_gains(table[table["term"].isin(["", *asked])], objective)
    of_tasks = dict[bytes, _Weights]()  # terms are measured on the same tasks, as a rule

    def advice(absent: TermAdvice, with_margins: bool) -> TermAdvice:
        try:
            effects = Effects.of(gains, query.knowledge, absent.term, with_margins)
        except TooLittleError:
            return absent
        key = effects.tasks.tobytes()
        if key not in of_tasks:
            of_tasks[key] = _Weights.of(query, effects.tasks)
        return _advice(effects, of_tasks[key])

    softmax = _one_at_most([advice(each, False) for each in unmeasured.softmax])
    if query.space.loss == "softmax":
        return Beside(softmax)
    return Beside(softmax, _one_at_most([advice(each, True) for each in unmeasured.margins]))


@dataclass(frozen=True, eq=False)
class _Weights:
    """How much tasks with a term count for the one asked about, and for each with its source out.

    Attributes:
        known: whether the task asked about is like them.
        probability: of each, ``[t]``.
        left_out: see `left_out_probability`, ``[t, t]``.
    """

    known: bool
    probability: FloatArray
    left_out: FloatArray

    @classmethod
    def of(cls, query: Query, tasks: NDArray[np.bool_]) -> "_Weights":
        """Return the weights of some of the knowledge's tasks, ``[T]``."""
        left_out = left_out_probability(query.knowledge, tasks)
        return cls(*_probability(query, tasks), left_out)


def _advice(effects: Effects, weights: _Weights) -> TermAdvice:
    """Return the advice for a term that was measured."""
    probability, factor = weights.probability, factor_of(effects, weights.left_out)
    predicted = predict(effects.gain, probability, effects.source)
    width = QUANTILE * factor * predicted.deviation
    bounds = zip(predicted.mean, predicted.mean - width, predicted.mean + width, strict=True)
    tried = to_try(effects.gain, effects.se, probability, predicted)
    lambdas = (0.0, *effects.lambdas)
    return TermAdvice(
        term=effects.term,
        loss=effects.beside.loss,
        known=weights.known,
        lambda_=float(lambdas[tried.positions[0]]),
        best=float(effects.lambdas[predicted.best]),
        gains=tuple(
            (float(value), Gain(*map(float, each)))
            for value, each in zip(effects.lambdas, bounds, strict=True)
        ),
        measured=effects.beside,
        tasks=len(effects.gain),
        sources=len(set(effects.source)),
        to_try=tuple(
            (float(lambdas[position]), regret)
            for position, regret in zip(tried.positions, tried.regrets, strict=True)
        ),
    )


def _probability(query: Query, tasks: NDArray[np.bool_]) -> tuple[bool, FloatArray]:
    """Return whether a task is like those with a term, and how much each of these counts, ``[t]``.

    For a task unlike all of them each source has a vote, of its start if enough have it.
    """
    rest = query.knowledge.without(~tasks)
    place = rest.place(query.task)
    same = None if query.same is None else query.same[tasks]
    mostly = same is not None and same.sum() >= MOSTLY
    if rest.too_far(query.task, place) and not mostly:
        chosen = rest.of_start(query.plan.start)
        probability = np.zeros(len(chosen))
        probability[chosen] = rest.stack.places.at(chosen).votes()
        return False, probability
    probability = rest.stack.probability(place)
    if same is not None:
        probability = (1 - same.sum()) * probability + same
    return True, probability


def _one_at_most(every: Sequence[TermAdvice]) -> tuple[TermAdvice, ...]:
    """Return advice in which the term of which most is expected alone is recommended."""
    helpful = [each for each in every if each.lambda_ > 0]
    if len(helpful) < 2:
        return tuple(every)
    best = max(helpful, key=lambda each: each.gain.mean)
    return tuple(
        replace(each, lambda_=0.0, outdone_by=best.term)
        if each in helpful and each is not best
        else each
        for each in every
    )
