"""Which of the trials that a worker took are trained together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.checkpoints import Checkpoints
from sweeper.worker.queue.claimed_trial import ClaimedTrial


@dataclass(frozen=True)
class Batch:
    """Trials that are trained together, from a checkpoint or from their start."""

    trials: list[ClaimedTrial]
    checkpoint: int | None = None

    def load(
        self, checkpoints: Checkpoints
    ) -> tuple[list[ClaimedTrial], Snapshot | None, list["Batch"]]:
        """Return the trials to be trained now, what they go on from, and the rest as batches.

        Where the checkpoint cannot be read, all are trained now, from their start.
        """
        snapshot = None if self.checkpoint is None else checkpoints.load(self.checkpoint)
        saved = [trial for trial in self.trials if snapshot and trial.label in snapshot.labels]
        if not saved:
            return self.trials, None, []
        rest = [trial for trial in self.trials if trial not in saved]
        return saved, snapshot, [Batch(rest)] if rest else []


def group(trials: Sequence[ClaimedTrial], checkpoints: Checkpoints) -> list[Batch]:
    """Return batches of trials: those of one checkpoint each, then those that have none.

    A trial that failed for suspect causes before is trained alone, from its start, after the
    others.
    """
    suspects = [trial for trial in trials if trial.is_suspect]
    others = [trial for trial in trials if not trial.is_suspect]
    found = checkpoints.find([trial.label for trial in others])
    groups: dict[int | None, list[ClaimedTrial]] = {}
    for trial in others:
        groups.setdefault(found.get(trial.label), []).append(trial)
    fresh = groups.pop(None, [])
    saved = [Batch(group, checkpoint) for checkpoint, group in groups.items()]
    return [*saved, *([Batch(fresh)] if fresh else []), *(Batch([trial]) for trial in suspects)]
