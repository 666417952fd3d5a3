"""Trying a transaction again while PostgreSQL is out of reach."""

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from sweeper.store.database.error_messages import explain
from sweeper.store.database.transient_errors import (
    is_out_of_connections,
    is_transient,
    is_unreachable,
)
from sweeper.store.timing import Timing

T = TypeVar("T")

logger = logging.getLogger(__name__)


class _Timeout(NamedTuple):
    seconds: float
    stop: Callable[[], bool]


class Retry:
    """Tries again what fails while one database is out of reach, and knows when that was last.

    Args:
        timing: how long it waits between two tries, and in all unless `timeout` says otherwise.
    """

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self._unreachable_at = -math.inf
        self._thread = threading.local()

    @contextmanager
    def timeout(self, seconds: float, stop: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Wait so long for the database in this thread, in place of `Timing.timeout`.

        Args:
            seconds: to wait at most.
            stop: asked between two tries; once it says yes there are no more.
        """
        before = self._timeout()
        self._thread.timeout = _Timeout(seconds, stop)
        try:
            yield
        finally:
            self._thread.timeout = before

    def __call__(self, action: Callable[[], T]) -> T:
        """Return what `action` returns, tried again where PostgreSQL was out of reach for a while.

        The waits double from `Timing.retry_wait` to `Timing.longest_retry_wait`, all with jitter,
        so that many workers do not come back at one moment. It gives up after `Timing.timeout`, or
        as many seconds as `timeout` says; it waits no shorter than the first for a server that has
        no connection left, since others give theirs back. The action must be one whole transaction,
        and bear being repeated when only the answer to its commit was lost. Errors of SQLite, and
        those that would come again, are raised at once.
        """
        began, told, wait = time.monotonic(), False, self.timing.retry_wait
        while True:
            try:
                return action()
            except Exception as error:
                timeout, waited = self._timeout(), time.monotonic() - began
                most = timeout.seconds
                if is_out_of_connections(error):
                    most = max(most, self.timing.timeout)
                if is_unreachable(error):
                    self._unreachable_at = time.monotonic()
                if not is_transient(error) or waited > most or timeout.stop():
                    raise
                if not told and waited > self.timing.timeout:
                    told = True
                    logger.warning(
                        "the database is out of reach, waiting up to %d min for it: %s",
                        round(most / 60),
                        explain(error),
                    )
            time.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, self.timing.longest_retry_wait)

    def is_settled(self) -> bool:
        """Return whether it has been in reach long enough for all workers to find it again."""
        return time.monotonic() - self._unreachable_at > self.timing.settling

    def _timeout(self) -> _Timeout:
        usual = _Timeout(self.timing.timeout, lambda: False)
        timeout: _Timeout = getattr(self._thread, "timeout", usual)
        return timeout
