"""The worker processes, which are reused from line to line."""

import multiprocessing
import random
import time
import traceback
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.fleet.worker import Job, TimedWorker
from sweeper.errors import SweeperError
from sweeper.launch import forkserver
from sweeper.launch.worker_process import quiet_optuna

#: Seconds in which the workers of a line must join their study.
JOINING = 180.0


class Fleet:
    """Worker processes reused from line to line, so that neither start nor imports are timed."""

    def __init__(self, size: int) -> None:
        forkserver.prepare()
        self.links, self.processes = [], []
        for number in range(size):
            parent_link, child_link = multiprocessing.Pipe()
            worker = forkserver.process(serve, child_link, number)
            worker.start()
            child_link.close()
            self.links.append(parent_link)
            self.processes.append(worker)

    def run(
        self, job: Job, workers: int, go: Callable[[], None]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """Let workers join, then begin together; return results and failures.

        Args:
            job: the work of each.
            workers: number of workers.
            go: called when all have joined.
        """
        links, failures = self.links[:workers], []
        for link in links:
            link.send(job)
        joined = []
        for link in links:
            what, value = link.recv() if link.poll(JOINING) else ("failed", "never joined")
            if what == "joined":
                joined.append(link)
            else:
                failures.append(str(value))
        go()
        for link in joined:
            link.send("go")
        ends = {link: link.recv() for link in joined}
        if job.driven:
            # All have finished their first trial and none has stopped: the measurement starts here.
            since = time.perf_counter()
            for link, (what, _) in ends.items():
                if what == "warm":
                    link.send((since, since + job.driven))
                    ends[link] = link.recv()
        results = [value for what, value in ends.values() if what == "done"]
        failures += [str(value) for what, value in ends.values() if what == "failed"]
        return results, failures

    def close(self) -> None:
        """Stop the processes."""
        for link in self.links:
            link.close()
        for worker in self.processes:
            worker.join(5)
            worker.kill()


def serve(link: Any, number: int) -> None:
    """Run one job after another and report failures."""
    random.seed(number)
    torch.manual_seed(number)
    quiet_optuna()
    while True:
        try:
            job = link.recv()
        except EOFError:
            return
        try:
            link.send(("done", TimedWorker(job, link).work()))
        except SweeperError as error:
            link.send(("failed", str(error)))
        except Exception as error:
            traceback.print_exc()
            link.send(("failed", f"{type(error).__name__}: {error}"))
