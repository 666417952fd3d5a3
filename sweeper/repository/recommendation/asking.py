"""Asking the repository about a data set without results of its own."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sweeper.errors import SweeperError
from sweeper.registry.losses import DEFAULT_LOSS
from sweeper.repository.evaluation.calibration import COVERAGE, QUANTILE
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.candidates import Space
from sweeper.repository.recommendation.query import Query
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.knowledge import Knowledge, learned
from sweeper.repository.task_weights import OwnTasks, task_weights

#: No task is the user's.
NOBODY = OwnTasks()


def ask(
    repository: Repository,
    task_features: Mapping[str, float],
    plan: Plan,
    objective: str,
    loss: str = DEFAULT_LOSS,
    *,
    choice: Choice | None = None,
    weight_decay: float = 0.0,
    own: OwnTasks = NOBODY,
) -> Query:
    """Return what is predicted for a data set, ready to be asked about settings.

    Args:
        repository: the repository.
        task_features: the data set's meta-features by name.
        plan: how it is going to be trained on.
        objective: accuracy, retrieval or compactness.
        loss: whose settings are asked about.
        choice: what `evaluation.regret.evaluate` found; None where it could not evaluate.
        weight_decay: weight decay.
        own: which tasks are the user's, and which are on the very data: these count more.

    Raises:
        UsageError: there is no such objective.
        SweeperError: a meta-feature is missing.
        TooLittleError: nothing was measured of the objective.
    """
    task = query_task(repository, task_features, plan)
    fitted = () if choice is None else (choice.smooth, choice.share)
    known = learned(repository, objective, *fitted)
    knowledge = _trusting(known, plan, own)
    factor = _factor_without_evaluation(knowledge) if choice is None else choice.factor
    return Query(knowledge, factor, task, plan, _space(known).of_loss(loss), weight_decay, own)


@lru_cache(maxsize=16)
def _space(knowledge: Knowledge) -> Space:
    """Return the settings that were measured, or lie between these."""
    return Space.of(DEFAULT_LOSS, knowledge.gains[knowledge.gains["loss"] != "softmax"])


def _trusting(knowledge: Knowledge, plan: Plan, own: OwnTasks) -> Knowledge:
    """Return knowledge in which the user's tasks count by what they can say.

    They may be as short and noisy as the user likes. The others were measured alike, and evaluated
    as they are.
    """
    known = knowledge.known
    is_own = known["id"].isin(own.own | own.same)
    if not is_own.any():
        return knowledge
    weights = task_weights(known, knowledge.gains, plan, own.same).to_numpy()
    return knowledge.trusting(np.where(is_own, weights, 1.0))


def _factor_without_evaluation(knowledge: Knowledge) -> float:
    """Return the factor of intervals where too few sources are there to leave any out."""
    sources = len(set(knowledge.responses.source))
    return float(stdtrit(max(1, sources - 1), 0.5 + COVERAGE / 2) / QUANTILE)


def query_task(repository: Repository, features: Mapping[str, float], plan: Plan) -> pd.DataFrame:
    """Return a row like those of `Repository.tasks`, for a task without results.

    Raises:
        SweeperError: a meta-feature of the repository's tasks is missing or not finite.
    """
    for name in repository.features:
        if not np.isfinite(features.get(name, np.nan)):
            raise SweeperError(f"the data set has no meta-feature {name!r}: measure it again")
    row: dict[str, object] = dict.fromkeys(("id", "source", "dataset"), "")
    row |= {**plan.row(), "split": "images"}
    row |= {name: float(features[name]) for name in repository.features}
    return pd.DataFrame([row])
