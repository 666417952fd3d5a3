"""One worker on one line, and its measurements."""

import contextlib
import math
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import optuna

from benchmarks.fleet.laps import Laps
from benchmarks.fleet.sleeping import sleeping
from benchmarks.overhead import Clock
from sweeper import store
from sweeper.launch import worker_process
from sweeper.worker.queue import storing, trial_queue
from sweeper.worker.study_worker import StudyWorker

#: The calls of a worker that access the database: part in the figures, owner and name.
CALLS: tuple[tuple[str, Any, str], ...] = (
    ("recover", store, "expired"),
    ("recover", store, "held"),
    ("recover", store, "load_trials"),
    ("reserve", store, "reserve"),
    ("ask", trial_queue, "ask"),
    ("checkpoints", store, "find_checkpoints"),
    ("epochs", store, "note_epochs"),
    ("rungs", optuna.Trial, "report"),
    ("rungs", optuna.Trial, "should_prune"),
    ("record", store, "record_trial"),
    ("tell", storing, "sync_to_optuna"),
)
PARTS = tuple(dict.fromkeys(part for part, _, _ in CALLS))


@dataclass(frozen=True)
class Job:
    """The work of one fleet process for one line.

    Attributes:
        config: the study.
        seconds: sleep per trial.
        driven: seconds during which trials of zero length are counted; 0 if the budget ends them.
    """

    config: worker_process.WorkerConfig
    seconds: float
    driven: float


class TimedWorker:
    """A worker as in `sweeper.launch.worker_process` that reports its progress.

    It sends "joined", waits for a message and begins. A driven worker sends "warm" after its first
    trial and receives the start and end of the period in which its trials count.

    Args:
        job: its work.
        link: connection to the process that starts it.
    """

    def __init__(self, job: Job, link: Any) -> None:
        self.job, self.link = job, link
        self.laps, self.clock = Laps(), Clock()
        self.joining, self.cpu = 0.0, 0.0
        self.since, self.until = 0.0, math.inf
        self._made = time.perf_counter()

    def work(self) -> dict[str, Any]:
        """Work until told to stop or no trial is left; return the measurements."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.laps.counting())
            stack.enter_context(sleeping(self.laps, self.job.seconds))
            for part, owner, name in CALLS:
                timed = self.clock.timed(part, getattr(owner, name))
                stack.enter_context(patch.object(owner, name, timed))
            worker_process.work(self.job.config, self._stop, self._begin)
        self.cpu = time.process_time() - self.cpu
        return self._measurements()

    def _begin(self, worker: StudyWorker) -> None:
        self.joining = time.perf_counter() - self._made
        self.link.send(("joined", None))
        self.link.recv()
        self.cpu = time.process_time()

    def _stop(self) -> bool:
        if self.laps.look() and self.job.driven:
            if len(self.laps.began) == 2:
                self.link.send(("warm", None))
            if self.link.poll():
                self.since, self.until = self.link.recv()
        return self.laps.began[-1] > self.until

    def _measurements(self) -> dict[str, Any]:
        """Return the measurements of all trials except the first, which is not representative.

        The first one reads all earlier trials, or is shortened.
        """
        began, storage = self.laps.began, self.laps.storage()
        walls, exchanges = self.laps.walls(), self.laps.exchanges()
        counted = [i for i in range(1, len(storage)) if began[i] >= self.since]
        parts: dict[str, float] = defaultdict(float)
        for part, at, seconds in self.clock.calls:
            if counted and began[counted[0]] <= at < began[-1]:
                parts[part] += seconds
        return {
            "done": len(storage),
            "joining": self.joining,
            "storage": [storage[i] for i in counted],
            "wall": sum(walls[i] for i in counted),
            "parts": dict(parts),
            "exchanges": sum(exchanges[i] for i in counted),
            "cpu": self.cpu,
            "began": began[0],
            "ended": began[-1],
            "in_time": sum(self.since < at <= self.until for at in began[1:]),
        }
