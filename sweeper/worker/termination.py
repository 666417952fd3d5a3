"""What other workers still hold when there is nothing left to take."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sweeper import store
from sweeper.store.queue.leases import Lease
from sweeper.study.open_study import OpenStudy


class TerminationCheck:
    """Tells a worker that ran out of trials when it may leave.

    Of a worker on another machine that was killed nobody hears until its leases run out. The last
    one out would leave its trials behind, so each stays until it has seen every lease of elsewhere
    renewed or ended. Workers of this machine live as long as their processes are there and renew.

    Args:
        studies: that it works on.
        ends: asked before each look; once it says yes there is nothing to wait for.
    """

    def __init__(self, studies: Sequence[OpenStudy], ends: Callable[[], bool]) -> None:
        self.studies, self.ends = studies, ends
        self.database = studies[0].database
        self._seen: dict[int, datetime] = {}

    def may_lose(self) -> bool:
        """Wait while others may turn out to be lost; return whether there may be trials to take.

        Returns:
            False once all that is held is held by workers that are known to live.
        """
        before, timing = None, self.database.timing
        while not self.ends():
            leases = [
                lease
                for study in self.studies
                for lease in store.held(study.database, study.stored.id)
            ]
            moment = store.now(self.database)
            to_reap = any(
                lease.worker.is_dead() or (lease.until < moment and self.database.is_settled())
                for lease in leases
            )
            if to_reap or (before is not None and len(leases) < before):
                return True
            if any(lease.number is None and lease.control is None for lease in leases):
                # One that asks, while `recover` leaves much alone.
                time.sleep(min(timing.termination_poll, timing.claim_poll))
                return True
            if not [lease for lease in leases if self._is_doubtful(lease, moment)]:
                return False
            before = len(leases)
            time.sleep(timing.termination_poll * random.uniform(0.5, 1.5))
        return False

    def _is_doubtful(self, lease: Lease, moment: datetime) -> bool:
        """Return whether its worker may be lost for all that is known."""
        if lease.worker.is_here():
            return lease.until - moment < timedelta(seconds=self.database.timing.lease / 2)
        return self._seen.setdefault(lease.id, lease.until) == lease.until
