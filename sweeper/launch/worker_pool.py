"""A pool of worker processes on one study, watched until the study is done."""

import contextlib
import logging
import math
import multiprocessing.connection
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import NamedTuple, Self

from sweeper.errors import StudyGoneError, SweeperError
from sweeper.launch import forkserver
from sweeper.launch.worker_process import LEAVE, STOP, Failure, WorkerConfig, serve
from sweeper.store import DEFAULT_TIMING, Timing

logger = logging.getLogger(__name__)


class WorkerHandle(NamedTuple):
    """One worker of a pool, and the connection over which it is stopped and says why it failed."""

    process: BaseProcess
    connection: Connection

    def failure(self) -> Failure | None:
        """Return the error that ended the worker, None where it was killed, or found no error."""
        with contextlib.suppress(EOFError, OSError):
            if self.connection.poll():
                failure: Failure = self.connection.recv()
                return failure
        return None


class WorkerPool:
    """Worker processes, started on entering and stopped on leaving.

    They end themselves when this process is gone.

    Args:
        configs: what each worker is to do.
        timing: how often to look at them, and how long they get to end.

    Attributes:
        handles: of the workers that were not seen to have ended.
        killed: how many were killed.
    """

    def __init__(self, configs: list[WorkerConfig], timing: Timing = DEFAULT_TIMING) -> None:
        self.configs, self.timing = configs, timing
        self.handles: list[WorkerHandle] = []
        self.killed = 0

    def __enter__(self) -> Self:
        forkserver.prepare()
        try:
            for config in self.configs:
                self.start(config)
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

    def start(self, config: WorkerConfig) -> WorkerHandle:
        """Start one more worker."""
        handle = start_worker(serve, config)
        self.handles.append(handle)
        return handle

    def watch(self, timeout: float | None = None) -> Iterator[None]:
        """Yield every `Timing.supervision_poll` until all workers have ended, or the time is up.

        Where a worker is killed the others go on, and train its trials.

        Args:
            timeout: seconds after which the time is up, None for never.

        Raises:
            SweeperError: a worker failed. The others would come to fail as it did.
        """
        end = math.inf if timeout is None else time.monotonic() + timeout
        while self._is_unfinished():
            seconds = min(self.timing.supervision_poll, end - time.monotonic())
            if seconds <= 0:
                return
            if self.handles:
                sentinels = [handle.process.sentinel for handle in self.handles]
                multiprocessing.connection.wait(sentinels, seconds)
            else:
                time.sleep(seconds)
            self._check_workers()
            yield

    def is_working(self) -> bool:
        """Return whether any worker has not ended yet."""
        return any(handle.process.is_alive() for handle in self.handles)

    def stop(self, hurry: Callable[[], bool] = lambda: False, leave: bool = False) -> None:
        """Ask all workers to hand back what is unfinished, and wait until they have.

        Args:
            hurry: once it says yes, those that are not done yet are killed.
            leave: lets them finish the epoch and save it.
        """
        for handle in self.handles:
            with contextlib.suppress(OSError):  # it has ended already
                handle.connection.send(LEAVE if leave else STOP)
        grace = self.timing.leave_grace if leave else self.timing.stop_grace
        end = time.monotonic() + grace
        while self.is_working():
            if time.monotonic() >= end or hurry():
                for handle in self.handles:
                    handle.process.kill()
            for handle in self.handles:
                handle.process.join(0.1)

    def _is_unfinished(self) -> bool:
        """Return whether there is a worker to wait for."""
        return bool(self.handles)

    def _check_workers(self) -> None:
        """Learn which workers have ended, and how."""
        for handle in [handle for handle in self.handles if not handle.process.is_alive()]:
            failure, status = self._remove(handle)
            others = bool(self.handles)
            if failure is not None:
                if not (failure.is_transient and others):
                    raise failed(failure)
                logger.warning("a worker ended, the others go on: %s", failure.text)
            elif status:
                self.killed += 1
                if others:
                    logger.warning("a worker was killed (status %d); the others go on", status)

    def _remove(self, handle: WorkerHandle) -> tuple[Failure | None, int | None]:
        """Let go of a worker that has ended; return its failure and its exit status."""
        self.handles.remove(handle)
        failure = handle.failure()
        handle.connection.close()
        return failure, handle.process.exitcode


def failed(failure: Failure) -> SweeperError:
    """Return the error with which a pool ends where one worker failed."""
    if failure.is_gone:
        return StudyGoneError(failure.text)
    return SweeperError(
        f"{failure.text}; finished trials are stored, and the same command goes on from there"
    )


def start_worker(target: Callable[..., None], *arguments: object) -> WorkerHandle:
    """Start a process that is called with these arguments and its connection to this one."""
    here, there = multiprocessing.Pipe()
    process = forkserver.process(target, *arguments, there)
    try:
        process.start()
    finally:
        there.close()  # the worker alone must hold it, or its end would not be seen
    return WorkerHandle(process, here)
