"""Keeping a worker's leases alive while it trains."""

import logging
import threading
from types import TracebackType
from typing import Self

from sweeper import store
from sweeper.store import Database, WorkerIdentity

logger = logging.getLogger(__name__)


class Heartbeat:
    """A thread that renews all leases of a worker, four times as often as they would run out."""

    def __init__(self, database: Database, worker: WorkerIdentity) -> None:
        self.database, self.worker = database, worker
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._renew, daemon=True, name="lease renewal")

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.thread.join()

    def _renew(self) -> None:
        timing = self.database.timing
        while not self.ended.wait(timing.renewal):
            try:
                # Tried until it is back: who comes first would take the others for lost.
                with self.database.timeout(timing.renewal_timeout, self.ended.is_set):
                    store.renew(self.database, self.worker)
            except Exception as error:  # three more tries are left until the leases run out
                if not self.ended.is_set():
                    logger.warning("leases could not be renewed: %s", error)
