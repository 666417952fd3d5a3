"""The trials of a batch in the array that trains them."""

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from torch import Tensor

from sweeper.registry.setting import Setting
from sweeper.store import EpochRecord
from sweeper.training import TrainerGroup, TrainingData
from sweeper.training.net_failures import net_failures
from sweeper.worker.batch.batch_trial import BatchTrial
from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.batch.trial_measures import TrialMeasures

T = TypeVar("T", bound=BatchTrial)

#: An epoch, its losses and accuracies ``[R, K]``, and what is told of classes, on the device.
Unread = tuple[int, Tensor, Tensor, dict[tuple[int, int], dict[str, Tensor]]]


class TrialArray(Generic[T]):
    """K trials with R seeds each that train together.

    Where in the array a trial stands is known here alone.

    Args:
        data: what is trained on and measured.
        trials: the trials, in the order of the snapshot if there is one.
        resumed: what they go on from, if anything.

    Attributes:
        trials: those that are still in the array.
        members: how many members train together at most.

    Raises:
        SweeperError: the user's own net failed.
    """

    def __init__(self, data: TrainingData, trials: Sequence[T], resumed: Snapshot | None) -> None:
        self.spec = spec = trials[0].spec
        self._unread: list[Unread] = []
        self.trials = list(trials)
        settings: Sequence[Setting] = [trial.setting for trial in trials]
        groups: Sequence[Sequence[int]] = []
        if resumed is not None:
            settings, groups = resumed.settings, resumed.trainers["seeds"]
        with net_failures(spec.net):
            self._trainers = TrainerGroup(data, settings, range(spec.seeds), spec.recipe, groups)
        self.members = self._trainers.members
        self._made_of = tuple(settings)
        self._made_at = {trial: k for k, trial in enumerate(self.trials)}
        if resumed is not None:
            self._resume(resumed)

    def _resume(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the array; what it has of other trials is left out."""
        self._trainers.keep(snapshot.remaining)
        self._trainers.load_state_dict(snapshot.trainers)
        kept = [snapshot.labels.index(trial.label) for trial in self.trials]
        self._trainers.keep(kept)
        indices = (snapshot.remaining[k] for k in kept)
        self._made_at = dict(zip(self.trials, indices, strict=True))

    def train_epoch(self, epoch: int, stop: Callable[[], bool]) -> None:
        """Train one epoch; what is known of it afterwards stays on the device.

        Raises:
            Interrupted: `stop`, which is asked before each step, said yes.
            SweeperError: the user's own net failed.
        """
        with net_failures(self.spec.net):
            losses = self._trainers.train_epoch(stop)
            accuracies = self._trainers.validation_accuracy()
            self._unread.append((epoch, losses, accuracies, self._trainers.class_values()))

    def read(self) -> list[tuple[T, int, EpochRecord]]:
        """Return the epochs since the last time, by trial and seed; waits for the device."""
        found = []
        for epoch, *measured, of_classes in self._unread:
            losses, accuracies = (values.cpu() for values in measured)
            for k, trial in enumerate(self.trials):
                for seed in range(self.spec.seeds):
                    accuracy = accuracies[seed, k].item()
                    numbers = losses[seed, k].item(), None if math.isnan(accuracy) else accuracy
                    told = of_classes.get((seed, k), {})
                    values = {name: tuple(value.tolist()) for name, value in told.items()}
                    found.append((trial, seed, EpochRecord(epoch, *numbers, values)))
        self._unread.clear()
        return found

    def measure(
        self, objectives: Sequence[str], objectives_alone: bool = False
    ) -> dict[T, TrialMeasures]:
        """Measure objectives of every trial, see `sweeper.training.evaluation`.

        Raises:
            SweeperError: the user's own net failed.
        """
        with net_failures(self.spec.net):
            measures = self._trainers.measure(objectives, objectives_alone)
        return {trial: TrialMeasures.of(measures, k) for k, trial in enumerate(self.trials)}

    def drop(self, gone: Collection[T]) -> None:
        """Go on without these trials."""
        kept = [k for k, trial in enumerate(self.trials) if trial not in gone]
        if kept and gone:
            self._trainers.keep(kept)
        self.trials = [self.trials[k] for k in kept]

    def state(self) -> dict[str, Any]:
        """Return what a `Snapshot` has of the array: its settings, trials and state."""
        return {
            "settings": self._made_of,
            "remaining": tuple(self._made_at[trial] for trial in self.trials),
            "labels": tuple(trial.label for trial in self.trials),
            "trainers": self._trainers.state_dict(),
        }
