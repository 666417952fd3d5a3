"""The winner trained on everything there is, to be used: nothing is left to measure it on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from sweeper.confirm.confirmation import Winner, retrain_chosen
from sweeper.confirm.loader import steps_per_epoch
from sweeper.console import count
from sweeper.data.splits import whole
from sweeper.errors import SweeperError
from sweeper.store import Confirmation
from sweeper.study.open_study import OpenStudy
from sweeper.worker.estimate import seconds_per_trial


@dataclass(frozen=True)
class Refit:
    """Weights of a confirmed winner that were trained on all samples.

    Attributes:
        opened: the study with all samples and all classes to train on.
        winner: the trial and the seed that the confirmation has exported, and the new weights.
        caution: what the figures are not.
        budget: how long was trained, and why.
    """

    opened: OpenStudy
    winner: Winner
    caution: str
    budget: str


def on_everything(opened: OpenStudy) -> OpenStudy:
    """Return a study that trains on all samples of all classes, those to choose and test by, too.

    Epochs and batches stay: each sample is seen as often as in the search.
    """
    split = whole(opened.task.dataset, opened.spec.seed)
    return replace(opened, task=replace(opened.task, split=split))


def refit_seconds(opened: OpenStudy, device: torch.device) -> float:
    """Return about how long `refit` takes, from a few steps.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    everything = on_everything(opened)
    alone = everything.spec.model_copy(update={"seeds": 1})
    return seconds_per_trial(alone, everything.task.training_data(device, exact=True), 1)


def refit(
    opened: OpenStudy,
    confirmation: Confirmation,
    device: torch.device,
    stop: Callable[[], bool] = lambda: False,
    on_share: Callable[[float], None] = lambda share: None,
) -> Refit:
    """Train the winner of a stored confirmation on all samples, with the seed of its weights.

    In float32 and by the study's plan, as the confirmation was trained. Nothing is measured, so
    nothing is learned about the test split.

    Args:
        opened: the study.
        confirmation: as it is stored.
        device: where to train.
        stop: asked before each step.
        on_share: told which share of the training is done.

    Raises:
        Interrupted: `stop` said yes.
        SweeperError: the loss was not finite, or the user's own net failed.
    """
    everything = on_everything(opened)
    data = everything.task.training_data(device, exact=True)
    trial, seed, training = retrain_chosen(opened, confirmation, data, stop, on_share)
    if not training.all_finite():
        raise SweeperError(
            f"trained on all samples, trial {trial.number} diverged with seed {seed}: there are no "
            "refit weights; use the confirmed ones"
        )
    winner = Winner.of(trial, seed, training)
    return Refit(everything, winner, _caution(opened, seed), budget(opened))


def budget(opened: OpenStudy) -> str:
    """Return how long a refit trains, and why."""
    before, now = (
        opened.spec.epochs * steps_per_epoch(each) for each in (opened, on_everything(opened))
    )
    return (
        f"{count(opened.spec.epochs, 'epoch')}, as in the study, so that each sample is seen as "
        f"often: {count(now, 'step')}, where the confirmed weights had {before:,}"
    )


def _caution(opened: OpenStudy, seed: int) -> str:
    dataset, split = opened.task.dataset, opened.task.split.of_seed(seed)
    trained, every = len(split.trained_classes), dataset.num_classes
    some = "" if trained == every else f" of {trained} of {count(every, 'class')}"
    return (
        f"trained on all {count(len(dataset), 'sample')}, the test samples among them, so none is "
        "left to measure these weights on: every figure is that of the confirmed weights, which "
        f"were trained on {count(len(split.train), 'sample')}{some}"
    )
