"""Settings trained again with other seeds, and kept until everything has been measured."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec
from sweeper.training import (
    FusedTrainer,
    TrainingData,
    compare_pairs,
    fit_fewer,
    is_out_of_memory,
    measure,
    measured_members,
)
from sweeper.training.net_failures import net_failures


class Retraining:
    """K settings with N seeds: arrays of all settings and a few seeds each, one after the other.

    Only one array at a time has gradients and layers' outputs; of the earlier ones, the weights and
    as much memory again are kept.

    Args:
        spec: the study: net, epochs, batches, objectives.
        data: what is trained on and measured.
        settings: the K settings.
        seeds: the N seeds.
    """

    def __init__(
        self,
        spec: StudySpec,
        data: TrainingData,
        settings: Sequence[Setting],
        seeds: Sequence[int],
    ) -> None:
        self.spec, self.data, self.settings, self.seeds = spec, data, settings, seeds
        self._trainers: list[FusedTrainer] = []
        self._finite = torch.ones(len(seeds), len(settings), dtype=torch.bool)

    def train(
        self,
        stop: Callable[[], bool] = lambda: False,
        on_share: Callable[[float], None] = lambda share: None,
    ) -> None:
        """Train everything to the end.

        Args:
            stop: asked before each step.
            on_share: told after each epoch which share of the work is done.

        Raises:
            Interrupted: `stop` said yes.
            SweeperError: the user's own net failed, or the settings do not fit into the memory.
        """
        spec, left = self.spec, list(self.seeds)
        with net_failures(spec.net):
            per_array = 1
            if len(left) > 1:
                members = measured_members(self.data, self.settings, spec.recipe)
                per_array = max(1, members // len(self.settings))
            while left:
                group = left[:per_array]
                if self._train_group(group, stop, on_share):
                    del left[: len(group)]
                else:  # only here: the error held on to the array
                    per_array = self._fewer(len(group))

    def _train_group(
        self, group: Sequence[int], stop: Callable[[], bool], on_share: Callable[[float], None]
    ) -> bool:
        """Train all settings with a few seeds; return False where there was no memory for them."""
        spec, before = self.spec, sum(len(trainer.seeds) for trainer in self._trainers)
        finite = torch.ones(len(group), len(self.settings), dtype=torch.bool)
        try:
            trainer = FusedTrainer(self.data, self.settings, group, spec.recipe)
            for epoch in range(1, spec.epochs + 1):
                finite &= trainer.train_epoch(stop).cpu().isfinite()
                done = before + len(group) * epoch / spec.epochs
                on_share(done / len(self.seeds))
            trainer.end_training()
        except Exception as error:
            if is_out_of_memory(error):
                return False
            raise
        self._finite[before : before + len(group)] = finite
        self._trainers.append(trainer)
        return True

    def _fewer(self, seeds: int) -> int:
        """Remember that so many seeds of all settings do not fit; return how many to try next.

        Raises:
            SweeperError: there was but one.
        """
        if seeds == 1:
            raise SweeperError(
                f"{len(self.settings)} settings with one seed do not fit into the memory of "
                f"{self.data.device}; choose a smaller batch_size or net"
            )
        members = seeds // 2 * len(self.settings)
        fit_fewer(self.data, self.spec.recipe, compare_pairs(self.settings), members)
        return seeds // 2

    def measure(self, data: TrainingData | None = None) -> dict[str, Tensor]:
        """Measure all of `sweeper.training.evaluation`, on these data or on those trained with.

        Returns:
            Values ``[N, K]`` by name, float64; NaN where a loss was not finite in training, or the
            embeddings are not.
        """
        with net_failures(self.spec.net):
            values = [
                measure(trainer, self.spec.objectives, data).values for trainer in self._trainers
            ]
        return {
            name: torch.cat([of_group[name] for of_group in values])
            .double()
            .masked_fill(~self._finite, torch.nan)
            for name in values[0]
        }

    def all_finite(self) -> bool:
        """Return whether no loss of what is kept was anything but finite in training."""
        return bool(self._finite.all())

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the settings at these places alone, which are given in rising order."""
        for trainer in self._trainers:
            trainer.keep(kept)
        self._finite = self._finite[:, list(kept)]
        self.settings = [self.settings[k] for k in kept]

    def member_state(self, seed: int, k: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the weights of setting k with a seed, see `FusedTrainer.member_state`.

        Raises:
            SweeperError: the user's own net failed.
        """
        (trainer,) = (trainer for trainer in self._trainers if seed in trainer.seeds)
        with net_failures(self.spec.net):
            return trainer.member_state(trainer.seeds.index(seed), k)
