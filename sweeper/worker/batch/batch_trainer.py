"""Training a batch of trials to its end: the epochs, and who leaves when."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

from sweeper.training import TrainingData
from sweeper.worker.batch.batch_trial import BatchTrial
from sweeper.worker.batch.rungs import objectives_of, prune
from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.batch.trial_array import TrialArray
from sweeper.worker.batch.trial_log import TrialLog
from sweeper.worker.batch.trial_result import TrialResult

T = TypeVar("T", bound=BatchTrial)

#: Devices where reading a number waits for nothing: it is read there after every epoch, on others
#: at rungs, where somebody wants to know.
_AT_ONCE = ("cpu",)


class BatchTrainer(Generic[T]):
    """One batch of trials, from the first epoch to the last.

    Args:
        data: what is trained on and measured.
        trials: the trials to train together.
        stop: asked before each step; training is abandoned by `Interrupted` once it says yes.
        on_epoch: told the number of epochs done, and what takes a snapshot; Interrupted may come
            out of it.
        resumed: where the trials are to go on from, by their labels.

    Attributes:
        members: how many members train together at most; 0 until that is settled.
        is_resumed: whether the trials go on from a snapshot.
    """

    def __init__(
        self,
        data: TrainingData,
        trials: Sequence[T],
        stop: Callable[[], bool] = lambda: False,
        on_epoch: Callable[[int, Callable[[], Snapshot]], None] = lambda epoch, snapshot: None,
        resumed: Snapshot | None = None,
    ) -> None:
        self.data, self.trials, self.stop, self.on_epoch = data, list(trials), stop, on_epoch
        self.spec = trials[0].spec
        self.members = 0
        self.is_resumed = resumed is not None
        if resumed is not None:
            self.trials.sort(key=lambda trial: resumed.labels.index(trial.label))
        self._resumed = resumed
        self._logs = {trial: TrialLog.empty(self.spec.seeds) for trial in trials}
        self._began = 0.0

    def results(self) -> Iterator[tuple[T, TrialResult]]:
        """Train, and yield each trial with its result as soon as it leaves the batch.

        Raises:
            Interrupted: `stop` said yes.
            SweeperError: the user's own net failed.
        """
        array, done = self._start()
        self.members = array.members
        for epoch in range(done + 1, self.spec.epochs + 1):
            array.train_epoch(epoch, self.stop)
            if self._is_read(array, epoch):
                self._read(array)
                yield from self._leave(array, self._diverged(array))
            if self._is_rung(array, epoch):
                yield from self._leave(array, self._pruned(array, epoch))
            if not array.trials:
                return
            self.on_epoch(epoch, partial(self._snapshot, array, epoch))
        measures = array.measure(objectives_of(array.trials))
        for trial in array.trials:
            log, objectives = self._logs[trial], trial.spec.objectives
            epochs, seconds = self.spec.epochs, self._seconds()
            yield trial, log.result("complete", measures[trial], objectives, epochs, seconds)

    def _start(self) -> tuple[TrialArray[T], int]:
        """Make the array, and return it with the epochs that it has behind it."""
        resumed, self._resumed = self._resumed, None  # what it holds is as large as the array
        if resumed is None:
            self._began = time.monotonic()
            return TrialArray(self.data, self.trials, None), 0
        self._logs = {trial: TrialLog.resumed(resumed, trial.label) for trial in self.trials}
        # What the trials that these repeat had passed, verdicts included.
        for trial, log in self._logs.items():
            for epoch, values in sorted(log.reports.items()):
                trial.report(epoch, values)
                trial.should_prune()
        self._began = time.monotonic() - resumed.seconds
        return TrialArray(self.data, self.trials, resumed), resumed.epoch

    def _is_rung(self, array: TrialArray[T], epoch: int) -> bool:
        return any(epoch in trial.spec.rungs for trial in array.trials)

    def _is_read(self, array: TrialArray[T], epoch: int) -> bool:
        """Return whether anybody wants to know after this epoch how the members are."""
        if self.data.device.type in _AT_ONCE or epoch == self.spec.epochs:
            return True
        return self._is_rung(array, epoch)

    def _read(self, array: TrialArray[T]) -> None:
        for trial, seed, record in array.read():
            self._logs[trial].curves[seed].append(record)

    def _diverged(self, array: TrialArray[T]) -> dict[T, TrialResult]:
        """Return the failures of trials whose loss is no longer finite."""
        failures = {trial: self._logs[trial].divergence(self._seconds()) for trial in array.trials}
        return {trial: failure for trial, failure in failures.items() if failure is not None}

    def _pruned(self, array: TrialArray[T], epoch: int) -> dict[T, TrialResult]:
        """Return the results of trials that are not worth going on with after a rung."""
        return {
            trial: self._logs[trial].result(
                "pruned", measures, trial.spec.objectives, epoch, self._seconds()
            )
            for trial, measures in prune(array, self._logs, epoch)
        }

    def _leave(
        self, array: TrialArray[T], results: dict[T, TrialResult]
    ) -> Iterator[tuple[T, TrialResult]]:
        yield from results.items()
        array.drop(results)

    def _snapshot(self, array: TrialArray[T], epoch: int) -> Snapshot:
        self._read(array)
        logs = [self._logs[trial] for trial in array.trials]
        return Snapshot(
            epoch=epoch,
            seconds=self._seconds(),
            curves=tuple(tuple(map(tuple, log.curves)) for log in logs),
            reports=tuple(dict(log.reports) for log in logs),
            **array.state(),
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._began
