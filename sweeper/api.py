"""The Python face: `recommend` before a training, `suggest_margins` inside an Optuna objective."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from sweeper import models
from sweeper.data.readers.in_memory import given_inputs, given_labels
from sweeper.errors import UsageError, unknown
from sweeper.models.frozen import is_frozen
from sweeper.registry.losses import DEFAULT_LOSS, repository_losses
from sweeper.registry.nets import Inputs, default_net
from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.registry.setting import Setting
from sweeper.repository.given_plan import Given
from sweeper.repository.meta_features.measure import meta_features
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.expressible import expressed, is_expressible
from sweeper.repository.recommendation.recommend import recommend as answer
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.sources import known_and_own, shipped_measures, stored_choice
from sweeper.store import Database, open_database
from sweeper.study.space.default_space import default_space
from sweeper.training import fitting_budget

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

#: The dimensions of an embedding where nobody says, those of a study.
_EMBEDDING = 64

#: The attribute of somebody's own study that tells that starts were queued for a loss.
_QUEUED = "sweeper queued starts for"


def recommend(
    images: ArrayLike | Tensor,
    labels: ArrayLike | Tensor,
    *,
    objective: str = DEFAULT_OBJECTIVE,
    loss: str = DEFAULT_LOSS,
    beside: str | Iterable[str] | None = None,
    net: str | None = None,
    start: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    lr: float | None = None,
    embedding: int | None = None,
    weight_decay: float = 0.0,
    storage: str | None = None,
) -> Recommendation:
    """Recommend margins and a scale for what one is going to train on, before any training.

    Args:
        images: uint8 ``[N, H, W]``, ``[N, H, W, C]`` or ``[N, C, H, W]`` with 1 or 3 channels, or
            floating-point embeddings ``[N, d]``; NumPy arrays or tensors.
        labels: ``[N]``, whole numbers or texts.
        objective: accuracy, retrieval or compactness.
        loss: whose margins and scale to set; any compares the losses and takes the best.
        beside: a term whose λ to recommend, center or sigma2r, or several; at most one of them is
            recommended.
        net: a built-in net's name, or what one's own is called. Unless given compact for images,
            and for embeddings head, or linear where retrieval or compactness is asked for. A net
            that the repository does not know is said to be new.
        start: scratch, tuned (from pretrained weights) or frozen (a head on their features); what
            the net's name says unless given.
        epochs: what a search would train for, about a thousand steps, unless given.
        batch_size: what a search would take, 32 or 128, unless given.
        lr: learning rate of the training; one is recommended unless given.
        embedding: dimensions of the embedding, 64 unless given; with the net head those of the
            embeddings given.
        weight_decay: weight decay of the training.
        storage: URL of a database whose studies join the repository that comes with sweeper.

    Returns:
        The recommendation, which prints well; `loss` makes its loss module, `to_json` JSON.

    Raises:
        UsageError: the shapes or types do not fit, a number is out of its range, or there is no
            such objective, loss or term.
        SweeperError: there is only one class, or the database cannot be opened.
    """
    inputs = given_inputs(images)
    numbers = given_labels(labels, len(inputs))
    kind: Inputs = "images" if inputs.dtype == torch.uint8 else "embeddings"
    name = net or default_net(kind, [objective])
    _require_training(epochs, batch_size, weight_decay)
    terms = asked_terms(beside)
    budget = fitting_budget(len(inputs), batch_size)
    wanted = _EMBEDDING if embedding is None else embedding
    plan = Given(net, start, epochs, batch_size, lr, embedding).plan(
        net=name,
        epochs=epochs or budget.epochs,
        batch_size=budget.batch_size,
        embedding=_embedding_size(name, tuple(inputs.shape[1:]), wanted),
        is_images=inputs.dtype == torch.uint8,
        num_train=len(inputs),
        num_classes=len(numbers.unique()),
    )
    opened: AbstractContextManager[Database | None]
    opened = nullcontext() if storage is None else open_database(storage)
    with opened as database:
        repository, own = known_and_own(database)
        choice = stored_choice(objective, database, repository.digest)
    return answer(
        repository,
        meta_features(inputs, numbers),
        plan,
        objective,
        loss,
        weight_decay=weight_decay,
        choice=choice,
        own=own,
        beside=terms,
        measures=shipped_measures() if terms else None,
    )


def suggest_margins(
    trial: "BaseTrial", loss: str = "combined", known: Recommendation | None = None
) -> Setting:
    """Suggest a loss's margins and scale: parameters m1, m2, m3 and scale, as far as it has them.

    The ranges are those that ``sweeper run`` searches. With `known`, the first call in a study, new
    or resumed, queues the settings worth trying first, so that the next trials take them; other
    parameters of the objective are sampled in these, too.

    Args:
        trial: of the running study, or a `FixedTrial` of parameters to build a setting from.
        loss: whose margins and scale to suggest; all but plain softmax have some.
        known: a recommendation; starts that `loss` cannot express are left out, and those beyond
            the ranges moved to their ends.

    Returns:
        The setting, m2 in radians. Its learning rate and weight decay are the defaults of
        `Setting`: the training is the caller's own.

    Raises:
        UsageError: there is no such loss, or it has neither margin nor scale.
    """
    if loss not in repository_losses():
        raise unknown("loss", loss, repository_losses())
    space = default_space(loss)
    if not space:
        raise UsageError(f"{loss} has no margin or scale to suggest")
    if known is not None:
        _queue_starts(trial, loss, known, space)
    return Setting.of(
        loss, {name: trial.suggest_float(name, **ends) for name, ends in space.items()}
    )


def _queue_starts(
    trial: "BaseTrial", loss: str, known: Recommendation, space: dict[str, dict[str, Any]]
) -> None:
    """Queue the starts in the study of a trial, inside the ranges, unless that was done before."""
    from optuna import Trial  # here, since `recommend` does without Optuna

    if not isinstance(trial, Trial):
        return
    queued = f"{_QUEUED} {loss}"
    if queued in trial.study.user_attrs:
        return
    trial.study.set_user_attr(queued, len(known.warm_starts))
    for start in known.warm_starts:
        if start.loss != "softmax" and is_expressible(start, loss):
            own = expressed(start, loss)
            clipped = {
                name: min(max(getattr(own, name), ends["low"]), ends["high"])
                for name, ends in space.items()
            }
            trial.study.enqueue_trial(clipped, skip_if_exists=True)


def _embedding_size(net: str, input_shape: tuple[int, ...], embedding: int) -> int:
    """Return how many features the net gives; one's own is believed to give what was asked for."""
    if is_frozen(net):
        raise UsageError("give the features of the frozen body as inputs, and the net 'head'")
    size = embedding
    if net in models.NETS and embedding > 0:
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay as they are
            size = models.embedding_size(models.build(net, input_shape, embedding), input_shape)
    if size < 2:
        raise UsageError(f"an embedding needs at least 2 dimensions to have angles, not {size}")
    return size


def _require_training(epochs: int | None, batch_size: int | None, weight_decay: float) -> None:
    for name, number in (("epochs", epochs), ("batch_size", batch_size)):
        if number is not None and number < 1:
            raise UsageError(f"{name} must be at least 1, not {number}")
    try:
        Setting("softmax", weight_decay=weight_decay)
    except ValueError as error:
        raise UsageError(str(error)) from None
