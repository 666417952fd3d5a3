"""Recommending a setting for a data set without results of its own."""

from collections.abc import Mapping

from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, baselines
from sweeper.repository.evaluation.regret import RECOMMENDATION, evaluate
from sweeper.repository.evaluation.selection import Choice
from sweeper.repository.gains import TooLittleError
from sweeper.repository.objectives import regret_shown
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.candidates import Space
from sweeper.repository.recommendation.caveats import not_covered, of_plan, stale
from sweeper.repository.recommendation.context import all_baselines, nearest_tasks
from sweeper.repository.recommendation.expressible import expressed, is_expressible
from sweeper.repository.recommendation.query import RecommendationQuery
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Gain,
    Neighbor,
    Recommendation,
)
from sweeper.repository.recommendation.sweep import sweep_command
from sweeper.repository.recommendation.warm_start import (
    warm_starts_from_formulas,
    warm_starts_from_repository,
)
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.predictor import fitted, query_task


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
) -> Recommendation:
    """Recommend margins and scale with the largest lower confidence bound of the gain.

    Args:
        repository: the repository.
        task_features: the data set's meta-features by name.
        plan: how it is going to be trained on.
        objective: accuracy, retrieval or compactness.
        loss: the loss to configure; plain softmax is recommended if none of its settings gains.
        weight_decay: weight decay.
        choice: the choice of the surrogate by `evaluation.regret.evaluate`, which is called if
            None. It may be from an earlier state of the repository; the surrogate is fitted to the
            current one.
        dataset: name of the data set, for the command that sweeps it.

    Returns:
        The recommendation; plain softmax with `known` False if the repository has too few results
        or none that are near enough.

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
    task = query_task(repository, task_features, plan)
    plain = Setting("softmax", lr=plan.lr, weight_decay=weight_decay)
    is_images = not task_features.get("is_embedding")
    sweep = sweep_command(dataset, objective, loss, plan, is_images)
    caveats = of_plan(plan, is_images)
    try:
        choice = choice or evaluate(repository, objective).choice
        predictor = fitted(repository, objective, choice.surrogate)
    except TooLittleError as error:
        named = baselines(plan.num_classes, plan.embedding, plan.lr, weight_decay)
        reasons = (str(error), *caveats)
        return _not_recommended(
            objective, plan, plain, (), _without_predictions(named), reasons, sweep, loss
        )
    query = RecommendationQuery(
        predictor, choice, task, Space.of(loss, predictor.margins), plan.lr, weight_decay
    )
    nearest = nearest_tasks(query)
    distance = nearest[0].distance
    compared = all_baselines(query, nearest[0].best)
    caveats = (*caveats, *not_covered(predictor.known.design, task, plan))
    if predictor.known.too_far(distance):
        limit = predictor.known.limit
        reasons = (
            f"too far from anything known: the nearest task is at distance {distance:.2f}, "
            f"predictions hold up to {limit:.2f}",
            *caveats,
        )
        named = {baseline.name: baseline.setting for baseline in compared}
        return _not_recommended(
            objective, plan, plain, nearest, _without_predictions(named), reasons, sweep, loss
        )
    setting, notes = _choose_setting(query, plain, compared)
    return Recommendation(
        objective=objective,
        known=True,
        setting=setting,
        gain=query.gain(setting),
        as_good=query.as_good(setting),
        nearest=nearest,
        baselines=compared,
        notes=(*notes, *stale(choice, repository), *caveats),
        sweep=sweep,
        plan=plan,
        warm_starts=warm_starts_from_repository(setting, nearest, compared, loss),
        profiles=query.profiles(setting),
    )


def _not_recommended(
    objective: str,
    plan: Plan,
    plain: Setting,
    nearest: tuple[Neighbor, ...],
    compared: tuple[Baseline, ...],
    reasons: tuple[str, ...],
    sweep: str,
    loss: str,
) -> Recommendation:
    notes = (*reasons, "plain softmax is the safest setting", f"to find out: {sweep}")
    return Recommendation(
        objective=objective,
        known=False,
        setting=plain,
        gain=Gain(0.0, 0.0, 0.0),
        as_good={},
        nearest=nearest,
        baselines=compared,
        notes=notes,
        sweep=sweep,
        plan=plan,
        warm_starts=warm_starts_from_formulas(compared, loss),
    )


def _without_predictions(named: Mapping[str, Setting]) -> tuple[Baseline, ...]:
    """Return baselines without predictions, except plain softmax, whose gain is 0."""
    return tuple(
        Baseline(name, setting, 0.0 if setting.loss == "softmax" else None)
        for name, setting in named.items()
    )


def _choose_setting(
    query: RecommendationQuery, plain: Setting, compared: tuple[Baseline, ...]
) -> tuple[Setting, tuple[str, ...]]:
    """Return the setting to recommend, and notes about it."""
    choice = query.choice
    if query.space.loss == "softmax":
        return plain, ()
    if choice.baseline is not None:
        ours, theirs = (choice.regrets[name] for name in (RECOMMENDATION, choice.baseline))
        regrets = f"{_format_regret(choice, ours)} against {_format_regret(choice, theirs)}"
        note = (
            f"as far as {choice.sources} sources tell, the regression is no better than "
            f"{choice.baseline} (mean regret {regrets}): "
            "{} is recommended"
        )
        for name in (choice.baseline, BEST_CONSTANT):
            setting = next(b.setting for b in compared if b.name == name)
            if is_expressible(setting, query.space.loss):
                return expressed(setting, query.space.loss), (note.format(name),)
    rows = query.space.everywhere()
    if rows.empty:
        return plain, (f"no setting of {query.space.loss} was ever measured, nor one near it",)
    best = rows.iloc[int(query.bound(rows).argmax())]
    rows = query.space.around(best)
    bound = query.bound(rows)
    if bound.max() <= 0:
        return plain, ("plain softmax is itself the best: no setting surely gains over it",)
    return query.setting(rows.iloc[int(bound.argmax())]), ()


def _format_regret(choice: Choice, numbers: Mapping[str, float]) -> str:
    """Format a mean regret with its standard error."""
    mean, error = (regret_shown(choice.objective, numbers[name]) for name in ("regret", "se"))
    return f"{mean} ± {error}"


def require_known_loss(loss: str) -> None:
    """Raise UsageError unless the repository covers a loss."""
    if loss in LOSSES and loss not in repository_losses():
        known_of = ", ".join(repository_losses())
        raise UsageError(f"the repository knows nothing of {loss} yet; it knows of {known_of}")
    if loss not in LOSSES:
        raise unknown("loss", loss, repository_losses())
