"""The trials of one study as one worker takes them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sweeper import store
from sweeper.store import DATABASE_GONE, INTERRUPTED, WorkerIdentity, is_transient
from sweeper.study.open_study import OpenStudy
from sweeper.worker.queue.asking import ask, asking_in_a_row
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.held_trials import HeldTrials
from sweeper.worker.queue.recovery import recover

logger = logging.getLogger(__name__)


class TrialQueue:
    """A study, and this worker's own sampler of it.

    Args:
        opened: the study.
        worker: who takes trials.
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

    def take(self, count: int) -> list[ClaimedTrial]:
        """Take up to `count` of what is left to do: controls first, then trials of the budget.

        What was taken is given back where an error ends it half-way.
        """
        with HeldTrials(_cause) as held:
            self._take_controls(held, count)
            self._take_trials(held, count - len(held))
            return held.hand_over()

    def _take_controls(self, held: HeldTrials, count: int) -> None:
        database, study_id = self.opened.database, self.opened.stored.id
        for name, setting in self.opened.spec.control_settings().items():
            if len(held) < count:
                lease = store.claim_control(database, study_id, name, self.worker)
                if lease is not None:
                    claimed = ClaimedTrial(self.opened, self.study, setting, lease, control=name)
                    held.add([claimed])

    def _take_trials(self, held: HeldTrials, count: int) -> None:
        with self._reserved(count) as leases, asking_in_a_row(self.opened, self.study):
            while leases:
                trial = self.opened.database.retry(partial(ask, self.opened, self.study))
                if trial is None:
                    break
                lease = leases[0]
                # A trial whose lease has ended meanwhile is left to `recover`.
                if store.assign(self.opened.database, lease, trial.number):
                    setting = self.opened.setting(trial)
                    held.add([ClaimedTrial(self.opened, self.study, setting, lease, trial)])
                del leases[0]
                if any(claimed.is_suspect for claimed in held):
                    break

    @contextmanager
    def _reserved(self, count: int) -> Iterator[list[int]]:
        """Reserve up to `count` leases of the budget; those still in the list are released.

        Reserved before trials are asked for: what others queued before they let go of their leases
        must be seen.
        """
        database, stored = self.opened.database, self.opened.stored
        budget = store.load_study(database, stored.id).n_trials
        leases = store.reserve(database, stored.id, count, budget, self.worker)
        try:
            yield leases
        finally:
            if leases:
                store.release(database, *leases)


def _cause(error: BaseException | None) -> str:
    """Return why trials are given back that were being taken: that is no fault of theirs."""
    return DATABASE_GONE if error is not None and is_transient(error) else INTERRUPTED
