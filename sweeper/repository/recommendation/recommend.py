"""Which setting to train a data set with that was never swept."""

import shlex
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
from sweeper.repository.recommendation.candidates import Space
from sweeper.repository.recommendation.context import all_baselines, nearest_tasks
from sweeper.repository.recommendation.expressible import expressed, is_expressible
from sweeper.repository.recommendation.query import RecommendationQuery
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Gain,
    Neighbor,
    Recommendation,
)
from sweeper.repository.recommendation.warm_start import cautious_starts, known_starts
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.predictor import asked_task, fitted


def recommend(
    repository: Repository,
    task_features: Mapping[str, float],
    objective: str = DEFAULT_OBJECTIVE,
    loss: str = DEFAULT_LOSS,
    *,
    net: str,
    epochs: int,
    lr: float,
    num_classes: int,
    embedding: int,
    weight_decay: float = 0.0,
    choice: Choice | None = None,
    dataset: str = "DATASET",
) -> Recommendation:
    """Recommend margins and scale: the largest lower bound of the predicted gain.

    Args:
        repository: what is known.
        task_features: the data set's meta-features by name.
        objective: accuracy, retrieval or compactness.
        loss: which loss to set; plain softmax is recommended where none of its settings gains.
        net: name of the net.
        epochs: training budget.
        lr: learning rate.
        num_classes: classes trained on.
        embedding: dimensions of the embedding.
        weight_decay: likewise of the training.
        choice: of the surface, as `evaluation.evaluate` made it; made here unless given. It may be
            of an earlier state of the repository: then the surface is fitted to the present one.
        dataset: what the data set is called, for the command that sweeps it.

    Returns:
        The recommendation; with `known` False and plain softmax where the repository has too little
        or nothing that is near enough.

    Raises:
        UsageError: there is no such objective or loss.
        SweeperError: a meta-feature is missing; the choice is of another objective.
    """
    if objective not in OBJECTIVES:
        raise unknown("objective", objective, OBJECTIVES)
    require_known_loss(loss)
    if choice is not None and choice.objective != objective:
        raise SweeperError(
            f"the choice is for {choice.objective}, not for {objective}: sweeper fit"
        )
    task = asked_task(repository, task_features, net, epochs, num_classes, embedding)
    plain = Setting("softmax", lr=lr, weight_decay=weight_decay)
    sweep = f"sweeper run {shlex.quote(dataset)} --objective {objective} --loss {loss} --net {net}"
    try:
        choice = choice or evaluate(repository, objective).choice
        predictor = fitted(repository, objective, choice.surface)
    except TooLittleError as error:
        named = baselines(num_classes, embedding, lr, weight_decay)
        return _refused(objective, plain, (), _unpredicted(named), str(error), sweep, loss)
    question = RecommendationQuery(
        predictor, choice, task, Space.of(loss, predictor.margins), lr, weight_decay
    )
    nearest = nearest_tasks(question)
    distance = nearest[0].distance
    compared = all_baselines(question, nearest[0].best)
    if predictor.known.too_far(distance):
        limit = predictor.known.limit
        reason = (
            f"too far from anything known: the nearest task is at distance {distance:.2f}, "
            f"predictions hold up to {limit:.2f}"
        )
        named = {baseline.name: baseline.setting for baseline in compared}
        return _refused(objective, plain, nearest, _unpredicted(named), reason, sweep, loss)
    setting, notes = _best(question, plain, compared)
    return Recommendation(
        objective=objective,
        known=True,
        setting=setting,
        gain=question.gain(setting),
        as_good=question.as_good(setting),
        nearest=nearest,
        baselines=compared,
        notes=(*notes, *_stale(choice, repository), *_beyond(question)),
        sweep=sweep,
        starts=known_starts(setting, nearest, compared, loss),
        profiles=question.profiles(setting),
    )


def _refused(
    objective: str,
    plain: Setting,
    nearest: tuple[Neighbor, ...],
    compared: tuple[Baseline, ...],
    reason: str,
    sweep: str,
    loss: str,
) -> Recommendation:
    notes = (reason, "plain softmax is the safest setting", f"to find out: {sweep}")
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
        starts=cautious_starts(compared, loss),
    )


def _unpredicted(named: Mapping[str, Setting]) -> tuple[Baseline, ...]:
    """Return baselines where nothing can be predicted but plain softmax's gain over itself."""
    return tuple(
        Baseline(name, setting, 0.0 if setting.loss == "softmax" else None)
        for name, setting in named.items()
    )


def _best(
    question: RecommendationQuery, plain: Setting, compared: tuple[Baseline, ...]
) -> tuple[Setting, tuple[str, ...]]:
    """Return the setting to recommend, and what to say about it."""
    choice = question.choice
    if question.space.loss == "softmax":
        return plain, ()
    if choice.rival is not None:
        ours, theirs = (choice.regrets[name] for name in (RECOMMENDATION, choice.rival))
        note = (
            f"as far as {choice.sources} sources tell, the regression is no better than "
            f"{choice.rival} (mean regret {_told(choice, ours)} against {_told(choice, theirs)}): "
            "{} is recommended"
        )
        for name in (choice.rival, BEST_CONSTANT):
            setting = next(b.setting for b in compared if b.name == name)
            if is_expressible(setting, question.space.loss):
                return expressed(setting, question.space.loss), (note.format(name),)
    rows = question.space.everywhere()
    if rows.empty:
        return plain, (f"no setting of {question.space.loss} was ever measured, nor one near it",)
    best = rows.iloc[int(question.bound(rows).argmax())]
    rows = question.space.around(best)
    bound = question.bound(rows)
    if bound.max() <= 0:
        return plain, ("plain softmax is itself the best: no setting surely gains over it",)
    return question.setting(rows.iloc[int(bound.argmax())]), ()


def _stale(choice: Choice, repository: Repository) -> tuple[str, ...]:
    """Say so where the surface was chosen on something else than what is known now."""
    if choice.digest == repository.digest:
        return ()
    return (
        f"the predictor was chosen on {choice.tasks} tasks, since when more is known: "
        "`sweeper fit` chooses anew",
    )


def _told(choice: Choice, numbers: Mapping[str, float]) -> str:
    """Write a mean regret and its standard error."""
    mean, error = (regret_shown(choice.objective, numbers[name]) for name in ("regret", "se"))
    return f"{mean} ± {error}"


def _beyond(question: RecommendationQuery) -> tuple[str, ...]:
    """Return what of the asked training the repository has never seen."""
    design, task = question.predictor.known.design, question.task.iloc[0]
    notes = []
    if task["net"] not in design.nets:
        notes.append(f"the net {task['net']!r} is new to the repository: predicted as for others")
    if odd := design.never_varied(question.task):
        notes.append(f"the data set differs in {', '.join(odd)}, where all known ones are alike")
    low, high = design.epochs
    if not low <= task["epochs"] <= high:
        notes.append(
            f"{task['epochs']} epochs are beyond the {low:g} to {high:g} that were measured"
        )
    low, high = design.lr
    if not low <= question.lr <= high:
        notes.append(f"lr {question.lr:g} is beyond the {low:g} to {high:g} that were measured")
    return tuple(notes)


def require_known_loss(loss: str) -> None:
    """Raise UsageError unless the repository knows of a loss."""
    if loss in LOSSES and loss not in repository_losses():
        known_of = ", ".join(repository_losses())
        raise UsageError(f"the repository knows nothing of {loss} yet; it knows of {known_of}")
    if loss not in LOSSES:
        raise unknown("loss", loss, repository_losses())
