"""A crew that keeps its number: a worker that dies is started again."""

import logging
import multiprocessing.connection
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sweeper.console import duration
from sweeper.errors import SweeperError
from sweeper.launch.worker_pool import WorkerHandle, WorkerPool, failed
from sweeper.launch.worker_process import WorkerConfig

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RestartPolicy:
    """How often a worker is started again, and after how long.

    Attributes:
        deaths: in a row at which it is given up.
        wait: seconds before it is started again; twice as long after each further death, all with
            jitter, so that many do not come back at one moment.
        longest: seconds that it waits at most.
        steady: seconds of life after which earlier deaths are forgotten.
    """

    deaths: int = 6
    wait: float = 1.0
    longest: float = 60.0
    steady: float = 600.0


@dataclass
class _Place:
    """What one of the crew is to do, and who does it or when somebody will."""

    order: WorkerConfig
    hand: WorkerHandle | None
    began: float
    due: float | None = None
    deaths: int = 0


class RestartingPool(WorkerPool):
    """A crew whose workers are started again when they were killed or crashed.

    Args:
        orders: what each worker is to do.
        is_finished: asked before one is started again; once it says yes, none is.
        patience: with those that die again and again.
    """

    def __init__(
        self,
        orders: list[WorkerConfig],
        is_finished: Callable[[], bool],
        patience: RestartPolicy | None = None,
    ) -> None:
        super().__init__(orders)
        self.is_finished, self.patience = is_finished, patience or RestartPolicy()

    def keep(self, seconds: float) -> Iterator[None]:
        """Yield every so many seconds until no worker finds anything left to do.

        Raises:
            SweeperError: a worker failed for a reason that stays, or all died too often.
        """
        now = time.monotonic()
        hands = zip(self.orders, self.hands, strict=True)
        places = [_Place(order, hand, now) for order, hand in hands]
        given_up = 0
        while places:
            living = [place.hand.process.sentinel for place in places if place.hand]
            if living:
                multiprocessing.connection.wait(living, seconds)
            else:
                time.sleep(seconds)
            for place in list(places):
                if not self._tend(place):
                    places.remove(place)
                    given_up += place.deaths >= self.patience.deaths
            yield
        if given_up and given_up == len(self.orders) and not self.is_finished():
            raise SweeperError(
                f"every worker died {self.patience.deaths} times in a row, for want of memory "
                "perhaps; finished trials are stored, and the same command goes on from there, "
                "with fewer --workers if need be"
            )

    def _tend(self, place: _Place) -> bool:
        """Start the worker of a place again when it is time to; return whether it has a future."""
        now = time.monotonic()
        if place.hand is None:
            if self.is_finished():
                return False
            if place.due is not None and now >= place.due:
                place.hand, place.began = self.start(place.order), now
            return True
        if place.hand.process.is_alive():
            return True
        failure, status = place.hand.failure(), place.hand.process.exitcode
        self.hands.remove(place.hand)
        place.hand.link.close()
        place.hand = None
        if failure is None and not status:  # it found nothing left, or was sent home by its user
            return False
        if failure is not None and not failure.passing:
            raise failed(failure)
        why = f"a worker was killed (status {status})" if failure is None else failure.text
        return not self.is_finished() and self._wait(place, why, now)

    def _wait(self, place: _Place, why: str, now: float) -> bool:
        """Note when a dead worker is to be started again; return whether it is at all."""
        patience = self.patience
        place.deaths = 1 + (place.deaths if now - place.began < patience.steady else 0)
        if place.deaths >= patience.deaths:
            logger.warning("%s; it died %d times in a row: given up", why, place.deaths)
            return False
        wait = min(patience.longest, patience.wait * 2 ** (place.deaths - 1))
        wait *= random.uniform(0.5, 1.5)
        place.due = now + wait
        logger.warning("%s; it is started again in %s", why, duration(wait))
        return True
