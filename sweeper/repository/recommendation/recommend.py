"""Recommending settings for a data set without results of its own."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.setting import Setting
from sweeper.repository.baselines import PLAIN_SOFTMAX, baselines
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.gains import TooLittleError
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.asking import NOBODY, ask
from sweeper.repository.recommendation.candidates import rows_of
from sweeper.repository.recommendation.caveats import (
    not_covered,
    not_predicted,
    of_plan,
    softmax_is_best,
    stale,
    too_far,
)
from sweeper.repository.recommendation.context import named_settings, nearest_tasks, predicted
from sweeper.repository.recommendation.expressible import is_expressible
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Gain,
    Recommendation,
    ToTry,
)
from sweeper.repository.recommendation.sweep import sweep_command
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.shortlist import shortlist, worthwhile
from sweeper.repository.task_weights import OwnTasks


def recommend(
    repository: Repository,
    task_features: Mapping[str, float],
    plan: Plan,
    objective: str = DEFAULT_OBJECTIVE,
    loss: str = DEFAULT_LOSS,
    *,
    weight_decay: float = 0.0,
    choice: Choice | None = None,
    dataset: str = "DATASET",
    own: OwnTasks = NOBODY,
) -> Recommendation:
    """Recommend the settings with the smallest expected regret.

    All candidates are predicted by one model, the baselines among them, so none of these is
    predicted better than what is recommended.

    Args:
        repository: the repository.
        task_features: the data set's meta-features by name.
        plan: how it is going to be trained on; a learning rate that was not given is recommended.
        objective: accuracy, retrieval or compactness.
        loss: the loss to configure; plain softmax is recommended if none of its settings gains.
        weight_decay: weight decay.
        choice: what `evaluation.regret.evaluate` found, which is called if None. It may be from an
            earlier state of the repository; what it says is then applied to the current one.
        dataset: name of the data set, for the command that sweeps it.
        own: which tasks are the user's, and which are on the very data: these count more.

    Returns:
        The recommendation. With `known` False, if nothing like the task was measured, it is what
        has the smallest regret over all tasks of the start, and plain softmax if there are none.

    Raises:
        UsageError: the objective or the loss is unknown.
        SweeperError: a meta-feature is missing; the choice is for another objective.
    """
    if objective not in OBJECTIVES:
        raise unknown("objective", objective, OBJECTIVES)
    require_known_loss(loss)
    if choice is not None and choice.objective != objective:
        raise SweeperError(
            f"the choice is for {choice.objective}, not for {objective}: sweeper fit"
        )
    is_images = not task_features.get("is_embedding")
    sweep = sweep_command(dataset, objective, loss, plan, is_images)
    caveats = of_plan(plan, is_images)
    try:
        choice = choice or evaluate(repository, objective).choice
        reason = ""
    except TooLittleError as error:
        reason = str(error)
    try:
        query = ask(
            repository,
            task_features,
            plan,
            objective,
            loss,
            choice=choice,
            weight_decay=weight_decay,
            own=own,
        )
    except TooLittleError as error:
        reasons = (reason or str(error), *caveats)
        return _of_nothing(objective, loss, plan, weight_decay, reasons, sweep)
    if choice is not None:
        caveats = (*stale(choice, len(query.knowledge.known)), *caveats)
    return _answer(query, objective, sweep, reason, caveats)


def _answer(
    query: Query, objective: str, sweep: str, reason: str, caveats: tuple[str, ...]
) -> Recommendation:
    """Return the recommendation from all known tasks, or from all of the start.

    Args:
        query: the query.
        objective: that is predicted.
        sweep: the command that would find out.
        reason: why nothing can be predicted, if so.
        caveats: to be said of the plan and of what was fitted.
    """
    nearest = nearest_tasks(query)
    named = named_settings(query, nearest[0].best)
    tried = _shortlist(query, named)
    setting = tried[0].setting
    profiles = query.profiles(setting)
    known = query.is_known and not reason
    said: list[str] = []
    if not known:
        reason = reason or too_far(query, nearest[0].distance)
        said += [reason, not_predicted(query), f"to find out: {sweep}"]
    if setting.loss == "softmax" and query.space.loss != "softmax":
        said.append(softmax_is_best(query))
    said += [*(query.own.note(query.shares()) if known else ()), *caveats, *not_covered(query)]
    return Recommendation(
        objective=objective,
        known=known,
        setting=setting,
        gain=query.gain(setting),
        as_good=query.as_good(setting, profiles),
        nearest=nearest,
        baselines=predicted(query, named),
        notes=tuple(said),
        sweep=sweep,
        plan=query.plan,
        shortlist=tried,
        profiles=profiles,
    )


def _shortlist(query: Query, named: Mapping[str, Setting]) -> tuple[ToTry, ...]:
    """Return the settings to try: of the loss at the rates to choose among, and plain softmax."""
    plain = query.plain()
    own = [setting for setting in named.values() if setting.loss != "softmax"]
    rows = query.space.candidates(rows_of(own))
    if rows.empty:
        return (ToTry(plain, 0.0),)
    rows = pd.concat([rows.assign(lr=rate) for rate in query.rates()], ignore_index=True)
    scenarios = query.scenarios(rows)
    gains = np.hstack([scenarios.gains, np.zeros((len(scenarios.gains), 1))])
    chosen = worthwhile(shortlist(gains, scenarios.probability))
    return tuple(
        ToTry(plain if position == len(rows) else query.setting(rows.iloc[position]), regret)
        for position, regret in zip(chosen.positions, chosen.regrets, strict=True)
    )


def _of_nothing(
    objective: str,
    loss: str,
    plan: Plan,
    weight_decay: float,
    reasons: tuple[str, ...],
    sweep: str,
) -> Recommendation:
    """Return the recommendation where nothing was measured at all."""
    named = baselines(plan.num_classes, plan.embedding, plan.lr, weight_decay)
    plain = named[PLAIN_SOFTMAX]
    return Recommendation(
        objective=objective,
        known=False,
        setting=plain,
        gain=Gain(0.0, 0.0, 0.0),
        as_good={},
        nearest=(),
        baselines=tuple(
            Baseline(name, setting, 0.0 if setting.loss == "softmax" else None)
            for name, setting in named.items()
            if is_expressible(setting, loss)
        ),
        notes=(*reasons, f"to find out: {sweep}"),
        sweep=sweep,
        plan=plan,
        shortlist=(ToTry(plain, None),),
    )


def require_known_loss(loss: str) -> None:
    """Raise UsageError unless the repository covers a loss."""
    if loss in LOSSES and loss not in repository_losses():
        known_of = ", ".join(repository_losses())
        raise UsageError(f"the repository knows nothing of {loss} yet; it knows of {known_of}")
    if loss not in LOSSES:
        raise unknown("loss", loss, repository_losses())
