"""The replacement for training: an array that sleeps."""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from benchmarks.fleet.laps import Laps
from sweeper.training import Measures, TrainingRecipe
from sweeper.worker.batch import trial_array

#: Maximum seconds over which the starts of the workers are spread.
STAGGERED = 10.0


@contextlib.contextmanager
def sleeping(laps: Laps, seconds: float) -> Iterator[None]:
    """Make every array of this process sleep instead of training."""

    def array(*arguments: Any) -> SleepingArray:
        return SleepingArray(laps, seconds, *arguments)

    with patch.object(trial_array, "TrainerGroup", array):
        yield


class SleepingArray:
    """Replaces `TrainerGroup`: sleeps instead of training, and returns random results.

    Its results are as large as those of real trials: seven values per seed, ten classes, and a
    confusion matrix with about one nonzero entry in three. It has no state to save, since no trial
    lasts until the first checkpoint.
    """

    def __init__(
        self,
        laps: Laps,
        seconds: float,
        data: Any,
        settings: Sequence[Any],
        seeds: Sequence[int],
        recipe: TrainingRecipe,
        *rest: Any,
    ) -> None:
        laps.trains = True
        if len(laps.began) == 1:  # the worker's first
            seconds = min(seconds, STAGGERED) * random.random()
        self.laps, self.seconds = laps, seconds / recipe.epochs
        self.shape, self.classes = (len(seeds), len(settings)), data.num_classes
        self.members = len(seeds) * len(settings)

    def train_epoch(self, stop: Callable[[], bool]) -> Tensor:
        """Sleep for an epoch."""
        if self.seconds:
            self.laps.sleep(self.seconds)
        return torch.rand(self.shape)

    def validation_accuracy(self) -> Tensor:
        """Return random accuracies."""
        return torch.rand(self.shape)

    def class_values(self) -> dict[tuple[int, int], dict[str, Tensor]]:
        """Return nothing: no loss reports values of classes."""
        return {}

    def keep(self, kept: Sequence[int]) -> None:
        """Continue with some of the settings."""
        self.shape = (self.shape[0], len(kept))

    def measure(self, objectives: Sequence[str], objectives_alone: bool = False) -> Measures:
        """Return random measures."""
        names = ["accuracy"]
        if not objectives_alone:
            names += ["calibration error", "confidence"]
            names += [f"{which}inter-class distance" for which in ("", "smallest ")]
            names += [f"{which}inter-class angle" for which in ("", "smallest ")]
        of_class = torch.rand(*self.shape, self.classes)
        confusion = torch.randint(-40, 20, (*self.shape, self.classes, self.classes)).clamp(min=0)
        values = {name: torch.rand(self.shape) for name in names}
        return Measures(values, of_class, of_class, of_class, confusion)
