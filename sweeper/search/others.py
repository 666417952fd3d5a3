"""What other workers still hold when there is nothing left to take."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sweeper import store
from sweeper.search.open_study import OpenStudy

#: Seconds between two looks; a lease is renewed every 45.
_LOOK = 5.0


class Others:
    """Tells a worker that ran out of trials when it may leave.

    Of a worker on another machine that was killed nobody hears until its leases run out. The last
    one out would leave its trials behind, so each stays until it has seen every lease of elsewhere
    renewed or ended. Workers of this machine are known to live.

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
            expired = [
                lease
                for study in self.studies
                for lease in store.expired(study.database, study.stored.id)
            ]
            if expired or (before is not None and len(leases) < before):
                return True
            doubtful = [
                lease
                for lease in leases
                if not lease.worker.is_here()
                and self._seen.setdefault(lease.id, lease.until) == lease.until
            ]
            if not doubtful:
                return False
            before = len(leases)
            time.sleep(_LOOK * random.uniform(0.5, 1.5))
        return False
