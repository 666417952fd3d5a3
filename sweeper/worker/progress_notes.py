"""Telling the database how far trials are, for those who look."""

import math
import time
from collections.abc import Collection

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.store import Database


class ProgressNotes:
    """Notes the epochs of one batch, now and then; where that fails, training goes on.

    Args:
        database: where they are noted.
        start: epochs that the batch had behind it when it began.
    """

    def __init__(self, database: Database, start: int) -> None:
        self.database, self.start = database, start
        self._next = -math.inf

    def note(self, leases: Collection[int], epoch: int) -> None:
        """Note that the trials under these leases have been trained for so many epochs."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self.database.timing.progress_note
        try:
            with self.database.timeout(0):
                store.note_epochs(self.database, leases, epoch, self.start)
        except SweeperError:
            self._next += self.database.timing.progress_pause
