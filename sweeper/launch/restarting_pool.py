"""A pool that keeps its size: a worker that dies is started again."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sweeper.console import duration
from sweeper.errors import SweeperError
from sweeper.launch.worker_pool import WorkerHandle, WorkerPool, failed
from sweeper.launch.worker_process import WorkerConfig
from sweeper.store import DEFAULT_TIMING, Timing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RestartPolicy:
    """How often a worker is started again, and after how long.

    Attributes:
        max_deaths: in a row at which it is given up.
        first_wait: seconds before it is started again; twice as long after each further death, all
            with jitter, so that many do not come back at one moment.
        longest_wait: seconds that it waits at most.
        healthy_after: seconds of life after which earlier deaths are forgotten.
    """

    max_deaths: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    healthy_after: float = 600.0


@dataclass
class _Slot:
    """The place of one worker in the pool: its process, or when that is started again."""

    config: WorkerConfig
    handle: WorkerHandle | None
    started: float
    restart_at: float | None = None
    deaths: int = 0


class RestartingPool(WorkerPool):
    """A pool whose workers are started again when they were killed or crashed.

    Args:
        configs: what each worker is to do.
        is_finished: asked before one is started again; once it says yes, none is.
        policy: for those that die again and again.
        timing: how often to look at them, and how long they get to end.
    """

    def __init__(
        self,
        configs: list[WorkerConfig],
        is_finished: Callable[[], bool],
        policy: RestartPolicy | None = None,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        super().__init__(configs, timing)
        self.is_finished, self.policy = is_finished, policy or RestartPolicy()
        self._slots: list[_Slot] = []
        self._given_up = 0

    def watch(self, timeout: float | None = None) -> Iterator[None]:
        """Yield every so often until no worker finds anything left to do, or the time is up.

        Raises:
            SweeperError: a worker failed for a reason that stays, or all died too often.
        """
        now = time.monotonic()
        workers = zip(self.configs, self.handles, strict=True)
        self._slots = [_Slot(config, handle, now) for config, handle in workers]
        self._given_up = 0
        yield from super().watch(timeout)
        if self._given_up and self._given_up == len(self.configs) and not self.is_finished():
            raise SweeperError(
                f"every worker died {self.policy.max_deaths} times in a row, for want of memory "
                "perhaps; finished trials are stored, and the same command goes on from there, "
                "with fewer --workers if need be"
            )

    def _is_unfinished(self) -> bool:
        return bool(self._slots)

    def _check_workers(self) -> None:
        for slot in list(self._slots):
            if not self._keep(slot):
                self._slots.remove(slot)
                self._given_up += slot.deaths >= self.policy.max_deaths

    def _keep(self, slot: _Slot) -> bool:
        """Start the worker of a slot again when it is time to; return whether it has a future."""
        now = time.monotonic()
        if slot.handle is None:
            if self.is_finished():
                return False
            if slot.restart_at is not None and now >= slot.restart_at:
                slot.handle, slot.started = self.start(slot.config), now
            return True
        if slot.handle.process.is_alive():
            return True
        failure, status = self._remove(slot.handle)
        slot.handle = None
        if failure is None and not status:  # it found nothing left, or was sent home by its user
            return False
        if failure is not None and not failure.is_transient:
            raise failed(failure)
        why = f"a worker was killed (status {status})" if failure is None else failure.text
        return not self.is_finished() and self._plan_restart(slot, why, now)

    def _plan_restart(self, slot: _Slot, why: str, now: float) -> bool:
        """Note when a dead worker is to be started again; return whether it is at all."""
        policy = self.policy
        slot.deaths = 1 + (slot.deaths if now - slot.started < policy.healthy_after else 0)
        if slot.deaths >= policy.max_deaths:
            logger.warning("%s; it died %d times in a row: given up", why, slot.deaths)
            return False
        wait = min(policy.longest_wait, policy.first_wait * 2 ** (slot.deaths - 1))
        wait *= random.uniform(0.5, 1.5)
        slot.restart_at = now + wait
        logger.warning("%s; it is started again in %s", why, duration(wait))
        return True
