"""Recommending settings for a data set without results of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.models.without_layers import has_no_layers, require_effect
from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS, LOSSES, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.repository.baselines import PLAIN_SOFTMAX, baselines
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.gains import TooLittleError
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.asking import NOBODY, ask
from sweeper.repository.recommendation.beside import Beside
from sweeper.repository.recommendation.caveats import (
    not_covered,
    not_predicted,
    of_plan,
    softmax_is_best,
    stale,
    too_far,
    unknown_term,
)
from sweeper.repository.recommendation.context import nearest_tasks, predicted
from sweeper.repository.recommendation.expressible import is_expressible, simplest
from sweeper.repository.recommendation.gain import NO_GAIN
from sweeper.repository.recommendation.losses import compared, contenders, of_softmax, to_try
from sweeper.repository.recommendation.measured_terms import advise_terms
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Recommendation,
    ToTry,
)
from sweeper.repository.recommendation.sweep import rate_of_sweep, sweep_command
from sweeper.repository.records import Repository
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
    beside: Sequence[str] = (),
    measures: pd.DataFrame | None = None,
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
            `ANY_LOSS` for the one of which most is expected, by its common name.
        weight_decay: weight decay.
        choice: what `evaluation.regret.evaluate` found, which is called if None. It may be from an
            earlier state of the repository; what it says is then applied to the current one.
        dataset: name of the data set, for the command that sweeps it.
        own: which tasks are the user's, and which are on the very data: these count more.
        beside: terms whose λ to recommend, see `beside.asked_terms`.
        measures: what was measured of terms, see `sweeper.repository.terms.gains`; nothing if None.

    Returns:
        The recommendation. With `known` False, if nothing like the task was measured, it is what
        has the smallest regret over all tasks of the start, and plain softmax if there are none.

    Raises:
        UsageError: the objective or the loss is unknown, or no setting changes the objective since
            the net has no layers.
        SweeperError: a meta-feature is missing; the choice is for another objective.
    """
    if objective not in OBJECTIVES:
        raise unknown("objective", objective, OBJECTIVES)
    require_known_loss(loss)
    if has_no_layers(plan.net):
        require_effect(plan.net, [objective])
    if choice is not None and choice.objective != objective:
        raise SweeperError(
            f"the choice is for {choice.objective}, not for {objective}: sweeper fit"
        )
    is_images = not task_features.get("is_embedding")
    sweep = sweep_command(dataset, objective, loss, plan, is_images, beside)
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
            DEFAULT_LOSS if loss == ANY_LOSS else loss,
            choice=choice,
            weight_decay=weight_decay,
            own=own,
        )
    except TooLittleError as error:
        reasons = (reason or str(error), *caveats)
        return _of_nothing(objective, loss, plan, weight_decay, reasons, sweep, beside)
    query = replace(query, beside=advise_terms(query, beside, measures, objective))
    if choice is not None and choice.digest != repository.digest:
        caveats = (*stale(choice, len(query.knowledge.known)), *caveats)
    answer = _answer(query, objective, sweep, reason, caveats)
    return _by_common_names(answer, query) if loss == ANY_LOSS else answer


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
    found = contenders(query, nearest[0].best)
    own = found.get(query.space.loss) or of_softmax(query, nearest[0].best)
    tried = to_try(own)
    setting = tried[0].setting
    profiles = query.profiles(setting)
    advice = query.beside.advice(setting)
    known = query.is_known and not reason
    said: list[str] = []
    if not known:
        reason = reason or too_far(query, nearest[0].distance)
        said += [reason, not_predicted(query), *_to_find_out(sweep, query.plan)]
    if setting.loss == "softmax" and query.space.loss != "softmax":
        said.append(softmax_is_best(query, objective, own.best))
    said += [unknown_term(each) for each in advice if not each.known]
    said += [*(query.own.note(query.shares()) if known else ()), *caveats, *not_covered(query)]
    return Recommendation(
        objective=objective,
        known=known and all(each.known for each in advice),
        setting=setting,
        gain=query.gain(setting),
        as_good=query.as_good(setting, profiles),
        nearest=nearest,
        baselines=predicted(query, own.named),
        notes=tuple(said),
        sweep=sweep,
        plan=query.plan,
        shortlist=tried,
        profiles=profiles,
        losses=compared(query, found),
        terms=advice,
        is_predicted=known,
        noise=query.noise,
    )


def _by_common_names(answer: Recommendation, query: Query) -> Recommendation:
    """Return an answer whose settings are those of the simplest losses that can express them."""
    tried = tuple(replace(each, setting=simplest(each.setting)) for each in answer.shortlist)
    setting = tried[0].setting
    profiles = query.profiles(setting)
    return replace(
        answer,
        any_loss=True,
        setting=setting,
        shortlist=tried,
        as_good=query.as_good(setting, profiles),
        profiles=profiles,
    )


def _of_nothing(
    objective: str,
    loss: str,
    plan: Plan,
    weight_decay: float,
    reasons: tuple[str, ...],
    sweep: str,
    beside: Sequence[str],
) -> Recommendation:
    """Return the recommendation where nothing was measured at all."""
    named = baselines(plan.num_classes, plan.embedding, plan.lr, weight_decay)
    plain = named[PLAIN_SOFTMAX]
    return Recommendation(
        objective=objective,
        known=False,
        setting=plain,
        gain=NO_GAIN,
        as_good={},
        nearest=(),
        baselines=tuple(
            Baseline(name, setting, 0.0 if setting.loss == "softmax" else None)
            for name, setting in named.items()
            if loss == ANY_LOSS or is_expressible(setting, loss)
        ),
        notes=(*reasons, *_to_find_out(sweep, plan)),
        sweep=sweep,
        plan=plan,
        shortlist=(ToTry(plain, None),),
        any_loss=loss == ANY_LOSS,
        terms=Beside.unmeasured(beside).softmax,
    )


def _to_find_out(sweep: str, plan: Plan) -> tuple[str, ...]:
    return tuple(filter(None, (f"to find out: {sweep}", rate_of_sweep(plan))))


def require_known_loss(loss: str) -> None:
    """Raise UsageError unless the repository covers a loss, or any is asked for."""
    if loss == ANY_LOSS:
        return
    if loss in LOSSES and loss not in repository_losses():
        known_of = ", ".join(repository_losses())
        raise UsageError(f"the repository knows nothing of {loss} yet; it knows of {known_of}")
    if loss not in LOSSES:
        raise unknown("loss", loss, repository_losses())
