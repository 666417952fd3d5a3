"""One study as one worker has it: where trials are taken and handed in."""

import contextlib
import logging
from typing import NamedTuple

from optuna.exceptions import UpdateFinishedTrialError

from sweeper import store
from sweeper.store import DATABASE_GONE, WorkerIdentity
from sweeper.store.database.retry import passes
from sweeper.study.open_study import OpenStudy
from sweeper.study.study_file import StudySpec
from sweeper.worker.batch_trainer import TrialResult
from sweeper.worker.claims import Claim, claim, finish, give_back
from sweeper.worker.recovery import recover

logger = logging.getLogger(__name__)

#: Samplers that learn from what is finished, and the rounds that a study then has where the workers
#: are few: what is asked for at once, no trial of it can learn from the others.
_LEARNING = ("tpe", "gp", "nsga2")
_ROUNDS = 10


class TrialQueue:
    """The study, and this worker's own sampler of it.

    Args:
        opened: the study.
        worker: who asks.
    """

    def __init__(self, opened: OpenStudy, worker: WorkerIdentity) -> None:
        self.opened, self.worker = opened, worker
        self.study = opened.optuna_study(opened.next_rank())

    def recover(self) -> int:
        """Put right what lost workers left behind; return how many trials were lost."""
        lost = recover(self.opened, self.study)
        if lost:
            logger.warning("%d trials of lost workers are trained again", lost)
        return lost

    def take(self, count: int) -> "list[ClaimedTrial]":
        """Take up to so many trials and controls."""
        claims = claim(self.opened, self.study, self.worker, count)
        return [ClaimedTrial(self, claim) for claim in claims]


class ClaimedTrial(NamedTuple):
    """A claim, and the desk that it comes from."""

    desk: TrialQueue
    claim: Claim

    @property
    def label(self) -> str:
        """What it and its repetitions have in common, in the whole database."""
        return f"{self.desk.opened.stored.id}/{self.claim.name}"

    def report(self, epoch: int, value: float) -> None:
        """Tell Optuna the value at a rung."""
        trial = self.claim.trial
        if trial is not None:
            # One taken for lost meanwhile is finished already: `hand_in` will hear of it.
            with contextlib.suppress(UpdateFinishedTrialError):
                store.retrying(lambda: trial.report(value, epoch))

    def should_prune(self) -> bool:
        """Return whether it is not worth going on with, as Optuna's pruner says."""
        trial = self.claim.trial
        try:
            return trial is not None and store.retrying(trial.should_prune)
        except UpdateFinishedTrialError:  # taken for lost, as above
            return False

    def repeat_reports(self, reports: dict[int, float]) -> None:
        """Tell Optuna what the trial that this one repeats had passed, verdicts included."""
        for epoch, value in sorted(reports.items()):
            self.report(epoch, value)
            self.should_prune()

    def hand_in(self, outcome: TrialResult, device: str) -> bool:
        """Store how it ended; return whether that is stored."""
        record = self.claim.record(
            outcome.state, outcome.cause, outcome.epochs, outcome.seconds, device, outcome.seeds
        )
        if finish(self.desk.opened, self.desk.study, record, self.claim.lease):
            return True
        logger.warning("%s was taken for lost meanwhile: this result is dropped", self.claim.label)
        return False

    def give_back(self, cause: str) -> None:
        """Let go of it unfinished, so that somebody trains it again."""
        try:
            give_back(self.desk.opened, self.desk.study, self.claim, cause)
        except Exception as error:
            if not passes(error):
                raise
            give_back(self.desk.opened, self.desk.study, self.claim, DATABASE_GONE)


def most_at_once(spec: StudySpec, workers: int = 1) -> int | None:
    """Return how many trials a study gives to each of so many workers at once, None for any."""
    if spec.sampler not in _LEARNING:
        return None
    return max(1, spec.n_trials // (_ROUNDS * workers))
