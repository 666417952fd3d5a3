"""A crew of worker processes on one study, watched until the study is done."""

import multiprocessing.connection
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from sweeper.errors import SweeperError
from sweeper.search.process import Order, start

#: Seconds that workers get to hand back what they hold before they are killed.
_GRACE = 30.0


class Crew:
    """Worker processes, started on entering and stopped on leaving.

    Args:
        orders: what each worker is to do.
    """

    def __init__(self, orders: list[Order]) -> None:
        self.orders = orders
        self.processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        self.processes = [start(order) for order in self.orders]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def watch(self, seconds: float, timeout: float | None = None) -> Iterator[None]:
        """Yield every so many seconds until all workers have ended, or the time is up.

        Raises:
            SweeperError: every worker has ended, and one of them by an error.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while any(process.is_alive() for process in self.processes):
            if end is not None and time.monotonic() >= end:
                return
            alive = [process.sentinel for process in self.processes if process.is_alive()]
            multiprocessing.connection.wait(alive, timeout=seconds)
            yield
        failed = [process for process in self.processes if process.exitcode]
        if failed:
            codes = ", ".join(f"{process.name}: status {process.exitcode}" for process in failed)
            raise SweeperError(
                f"a worker failed ({codes}), see above; what was finished is stored: "
                "run the same command again to go on"
            )

    def stop(self) -> None:
        """Ask all workers to hand back what is unfinished, and wait until they have."""
        for process in self.processes:
            if process.is_alive():
                process.terminate()
        end = time.monotonic() + _GRACE
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
