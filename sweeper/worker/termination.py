"""What other workers still hold when there is nothing left to take."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sweeper import store
from sweeper.store.database.retry import is_settled
from sweeper.store.queue.leases import LEASE_SECONDS, Lease
from sweeper.study.open_study import OpenStudy

#: Seconds between two looks; a lease is renewed every 45.
_LOOK = 5.0
#: Seconds that asking for a trial takes, or more.
_ASKING = 0.2


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
        self._seen: dict[int, datetime] = {}

    def may_lose(self) -> bool:
        """Wait while others may turn out to be lost; return whether there may be trials to take.

        Returns:
            False once all that is held is held by workers that are known to live.
        """
        before = None
        while not self.ends():
            leases = [
                lease
                for study in self.studies
                for lease in store.held(study.database, study.stored.id)
            ]
            moment = store.now(self.studies[0].database)
            to_reap = any(
                lease.worker.is_dead() or (lease.until < moment and is_settled())
                for lease in leases
            )
            if to_reap or (before is not None and len(leases) < before):
                return True
            if any(lease.number is None and lease.control is None for lease in leases):
                time.sleep(min(_LOOK, _ASKING))  # one that asks, while `recover` leaves much alone
                return True
            if not [lease for lease in leases if self._is_doubtful(lease, moment)]:
                return False
            before = len(leases)
            time.sleep(_LOOK * random.uniform(0.5, 1.5))
        return False

    def _is_doubtful(self, lease: Lease, moment: datetime) -> bool:
        """Return whether its worker may be lost for all that is known."""
        if lease.worker.is_here():
            return lease.until - moment < timedelta(seconds=LEASE_SECONDS / 2)
        return self._seen.setdefault(lease.id, lease.until) == lease.until
