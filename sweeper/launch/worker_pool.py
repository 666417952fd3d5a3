"""A crew of worker processes on one study, watched until the study is done."""

import contextlib
import logging
import multiprocessing.connection
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import NamedTuple, Self

from sweeper.errors import SweeperError
from sweeper.launch import forkserver
from sweeper.launch.worker_process import LEAVE, STOP, Failure, WorkerConfig, serve

logger = logging.getLogger(__name__)

#: Seconds that workers get to hand back what they hold before they are killed.
_GRACE = 30.0
#: Seconds that they get to finish an epoch; a system that preempts kills before that.
_EPOCH = 600.0


class WorkerHandle(NamedTuple):
    """One worker of a crew, and the link over which it is stopped and says why it failed."""

    process: BaseProcess
    link: Connection

    def failure(self) -> Failure | None:
        """Return the error that ended the worker, None where it was killed, or found no error."""
        with contextlib.suppress(EOFError, OSError):
            if self.link.poll():
                failure: Failure = self.link.recv()
                return failure
        return None


class WorkerPool:
    """Worker processes, started on entering and stopped on leaving.

    They end themselves when this process is gone.

    Args:
        orders: what each worker is to do.
    """

    def __init__(self, orders: list[WorkerConfig]) -> None:
        self.orders = orders
        self.hands: list[WorkerHandle] = []
        self.killed = 0

    def __enter__(self) -> Self:
        forkserver.prepare()
        try:
            for order in self.orders:
                self.start(order)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, order: WorkerConfig) -> WorkerHandle:
        """Start one more worker."""
        hand = _start(order)
        self.hands.append(hand)
        return hand

    def watch(self, seconds: float, timeout: float | None = None) -> Iterator[None]:
        """Yield every so many seconds until all workers have ended, or the time is up.

        Where a worker is killed the others go on, and train its trials.

        Raises:
            SweeperError: a worker failed. The others would come to fail as it did.
        """
        end = None if timeout is None else time.monotonic() + timeout
        living = list(self.hands)
        while living:
            left = seconds if end is None else min(seconds, end - time.monotonic())
            if left <= 0:
                return
            multiprocessing.connection.wait([hand.process.sentinel for hand in living], left)
            for hand in [hand for hand in living if not hand.process.is_alive()]:
                living.remove(hand)
                self._look_at(hand, others=bool(living))
            yield

    def is_working(self) -> bool:
        """Return whether any worker has not ended yet."""
        return any(hand.process.is_alive() for hand in self.hands)

    def stop(self, hurry: Callable[[], bool] = lambda: False, leave: bool = False) -> None:
        """Ask all workers to hand back what is unfinished, and wait until they have.

        Args:
            hurry: once it says yes, those that are not done yet are killed.
            leave: lets them finish the epoch and save it.
        """
        for hand in self.hands:
            with contextlib.suppress(OSError):  # it has ended already
                hand.link.send(LEAVE if leave else STOP)
        end = time.monotonic() + (_EPOCH if leave else _GRACE)
        while self.is_working():
            if time.monotonic() >= end or hurry():
                for hand in self.hands:
                    hand.process.kill()
            for hand in self.hands:
                hand.process.join(0.1)

    def _look_at(self, hand: WorkerHandle, others: bool) -> None:
        """Learn how a worker ended."""
        if failure := hand.failure():
            if not (failure.passing and others):
                raise failed(failure)
            logger.warning("a worker ended, the others go on: %s", failure.text)
            return
        if status := hand.process.exitcode:
            self.killed += 1
            if others:
                logger.warning("a worker was killed (status %d); the others go on", status)


def failed(failure: Failure) -> SweeperError:
    """Return the error with which a crew ends where one worker failed."""
    return SweeperError(
        f"{failure.text}; finished trials are stored, and the same command goes on from there"
    )


def _start(order: WorkerConfig) -> WorkerHandle:
    here, there = multiprocessing.Pipe()
    process = forkserver.CONTEXT.Process(target=serve, args=(order, there), daemon=True)
    try:
        process.start()
    finally:
        there.close()  # the worker alone must hold it, or its end would not be seen
    return WorkerHandle(process, here)
