"""What stands in for the training: an array that sleeps."""

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

#: Seconds over which the workers' beginnings are spread, at most.
STAGGERED = 10.0


@contextlib.contextmanager
def sleeping(laps: Laps, seconds: float) -> Iterator[None]:
    """Let every array of this process sleep for so many seconds where it would train."""

    def array(*arguments: Any) -> SleepingArray:
        return SleepingArray(laps, seconds, *arguments)

    with patch.object(trial_array, "TrainerGroup", array):
        yield


class SleepingArray:
    """Takes the place of `TrainerGroup`: sleeps where that trains, and makes results up.

    Its measures are as large as those of real trials: seven values a seed, ten classes, and a
    confusion matrix of which about one entry in three is not zero. It has no state to save: no
    trial lasts until the first checkpoint.
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
        """Return what nobody measured."""
        return torch.rand(self.shape)

    def class_values(self) -> dict[tuple[int, int], dict[str, Tensor]]:
        """Return nothing: no loss tells anything of the classes."""
        return {}

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with some of the settings."""
        self.shape = (self.shape[0], len(kept))

    def measure(self, objectives: Sequence[str], objectives_alone: bool = False) -> Measures:
        """Make measures up."""
        names = ["accuracy"]
        if not objectives_alone:
            names += ["calibration error", "confidence"]
            names += [f"{which}inter-class distance" for which in ("", "smallest ")]
            names += [f"{which}inter-class angle" for which in ("", "smallest ")]
        of_class = torch.rand(*self.shape, self.classes)
        confusion = torch.randint(-40, 20, (*self.shape, self.classes, self.classes)).clamp(min=0)
        values = {name: torch.rand(self.shape) for name in names}
        return Measures(values, of_class, of_class, of_class, confusion)
