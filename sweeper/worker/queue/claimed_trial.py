"""A trial, or a control, that a worker holds."""

import contextlib
import logging
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import Trial

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.store import DATABASE_GONE, SUSPECT_CAUSES, TrialRecord, is_transient
from sweeper.study.open_study import OpenStudy
from sweeper.study.study_file import StudySpec
from sweeper.study.trial_attributes import at_rungs
from sweeper.worker.batch.trial_result import TrialResult
from sweeper.worker.queue import spool
from sweeper.worker.queue.repeating import (
    MAX_SUSPECT_FAILURES,
    ORIGINAL,
    SUSPECT_FAILURES,
    repeat,
)
from sweeper.worker.queue.storing import store_result

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ClaimedTrial:
    """A trial of Optuna's, or a control, that this worker holds under a lease.

    Attributes:
        opened: its study.
        study: Optuna's.
        setting: what is to be trained.
        lease: the lease's id.
        trial: Optuna's trial, None of a control.
        control: the name of a control, None of a trial.
    """

    opened: OpenStudy
    study: optuna.Study
    setting: Setting
    lease: int
    trial: Trial | None = None
    control: str | None = None

    @property
    def spec(self) -> StudySpec:
        """What its study searches."""
        return self.opened.spec

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.control or f"trial {self.trial.number if self.trial else '?'}"

    @property
    def label(self) -> str:
        """What it and its repetitions have in common, in the whole database."""
        own = self.control
        if self.trial is not None:
            own = self.trial.user_attrs.get(ORIGINAL, self.trial.number)
        return f"{self.opened.stored.id}/{own}"

    @property
    def is_suspect(self) -> bool:
        """Whether it is to be trained alone: its next failure is then no neighbor's fault."""
        before = 0 if self.trial is None else self.trial.user_attrs.get(SUSPECT_FAILURES, 0)
        return bool(before + 1 >= MAX_SUSPECT_FAILURES)

    def report(self, epoch: int, values: Sequence[float]) -> None:
        """Tell Optuna the first objective at a rung: what each seed has, and then the mean."""
        trial = self.trial
        if trial is None:
            return
        name = at_rungs(self.spec.objectives[0])
        of_rungs = {**trial.user_attrs.get(name, {}), str(epoch): list(values)}
        # One taken for lost meanwhile is finished already: `hand_in` will hear of it.
        with contextlib.suppress(UpdateFinishedTrialError):
            self.opened.database.retry(lambda: trial.set_user_attr(name, of_rungs))
            self.opened.database.retry(lambda: trial.report(statistics.fmean(values), epoch))

    def should_prune(self) -> bool:
        """Return whether it is not worth going on with, as Optuna's pruner says."""
        try:
            return self.trial is not None and self.opened.database.retry(self.trial.should_prune)
        except UpdateFinishedTrialError:  # taken for lost, as above
            return False

    def hand_in(self, result: TrialResult, device: str) -> bool:
        """Store how it ended; return whether that is stored."""
        record = TrialRecord(
            self.setting,
            result.state,
            self._number,
            self.control,
            result.cause,
            result.epochs,
            result.seconds,
            device,
            result.seeds,
        )
        if store_result(self.opened, self.study, record, self.lease):
            name, why = self.opened.stored.name, f" ({result.cause})" if result.cause else ""
            said = (self.name, name, result.state, why, result.seconds)
            logger.info("%s of study %r is %s%s, after %.1f s", *said, extra={"study": name})
            return True
        logger.warning("%s was taken for lost meanwhile: this result is dropped", self.name)
        return False

    def give_back(self, cause: str) -> None:
        """Let go of it unfinished, so that somebody trains it again.

        Where the database is out of reach, that is left to whoever comes by when it is back.
        """
        try:
            self._give_back(cause)
        except Exception as error:
            if not is_transient(error):
                raise
            self._give_back(DATABASE_GONE)

    def failure(self, cause: str) -> TrialRecord:
        """Return what is stored about it where it failed without a result."""
        return TrialRecord(self.setting, "failed", self._number, self.control, cause)

    def _give_back(self, cause: str) -> None:
        failure = self.failure(cause)
        if cause == DATABASE_GONE:
            spool.keep(self.opened, failure, self.lease)
        elif self.trial is not None:
            repeat(self.opened, self.study, failure, self.lease)
        elif store.kind_of(cause) in SUSPECT_CAUSES:
            store_result(self.opened, self.study, failure, self.lease)
        else:
            store.release(self.opened.database, self.lease)

    @property
    def _number(self) -> int | None:
        return None if self.trial is None else self.trial.number
