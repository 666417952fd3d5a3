"""The seeds of a few settings, in as many arrays as is fastest."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from sweeper.registry.setting import Setting
from sweeper.training.capacity.size import fitting_members
from sweeper.training.evaluation import Measures, measure, validation_accuracy
from sweeper.training.fused_trainer import FusedTrainer
from sweeper.training.loss_group import compare_pairs
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData


class TrainerGroup:
    """K settings with R seeds, as one array where it fits, else as several of fewer seeds each.

    Members do not depend on each other, so this changes the speed alone: the compact net on 28x28
    images trains 1.5 times as fast with one seed per array as with four (medians of 8 steps in one
    process with one thread).

    Args:
        data: what is trained on and measured.
        settings: the K settings.
        seeds: the R seeds.
        recipe: how they are trained.
        groups: the seeds of each array, as `state_dict` has them; chosen here unless given.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: Sequence[Setting],
        seeds: Sequence[int],
        recipe: TrainingRecipe,
        groups: Sequence[Sequence[int]] = (),
    ) -> None:
        if not groups:
            fitting = fitting_members(data, recipe, compare_pairs(settings))
            per_array = min(len(seeds), max(1, fitting // len(settings)))
            groups = [seeds[r : r + per_array] for r in range(0, len(seeds), per_array)]
        self.members = max(map(len, groups)) * len(settings)  # of the largest array
        self.trainers = [FusedTrainer(data, settings, group, recipe) for group in groups]

    def train_epoch(self, stop: Callable[[], bool] = lambda: False) -> Tensor:
        """Train one epoch and return the mean losses ``[R, K]``, see `FusedTrainer.train_epoch`."""
        return torch.cat([trainer.train_epoch(stop) for trainer in self.trainers])

    def validation_accuracy(self) -> Tensor:
        """Return the accuracy ``[R, K]`` on the validation samples."""
        return torch.cat([validation_accuracy(trainer) for trainer in self.trainers])

    def measure(self, objectives: Sequence[str], objectives_alone: bool = False) -> Measures:
        """Measure objectives of every member, see `sweeper.training.evaluation`."""
        return Measures.joined(
            [
                measure(trainer, objectives, objectives_alone=objectives_alone)
                for trainer in self.trainers
            ]
        )

    def class_values(self) -> dict[tuple[int, int], dict[str, Tensor]]:
        """Return what losses and terms tell of each class by the places of seed and setting."""
        found: dict[tuple[int, int], dict[str, Tensor]] = {}
        before = 0
        for trainer in self.trainers:
            found |= {(before + r, k): told for (r, k), told in trainer.class_values().items()}
            before += len(trainer.seeds)
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return the seeds of each array, and what its training has changed."""
        return {
            "seeds": [list(trainer.seeds) for trainer in self.trainers],
            "trainers": [trainer.state_dict() for trainer in self.trainers],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from the `state_dict` of arrays of these groups that dropped the same settings."""
        for trainer, kept in zip(self.trainers, state["trainers"], strict=True):
            trainer.load_state_dict(kept)

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the settings at these places alone, in their order."""
        for trainer in self.trainers:
            trainer.keep(kept)
