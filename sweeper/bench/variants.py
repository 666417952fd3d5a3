"""The ways that are compared, and the processes that they run in."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from sweeper import store
from sweeper.bench import baseline, fused, preloaded
from sweeper.bench.process import Process
from sweeper.bench.workloads import Workload
from sweeper.errors import SweeperError
from sweeper.launch.planning import cores
from sweeper.registry.setting import Setting
from sweeper.study.open_study import create_or_resume
from sweeper.study.task import Task
from sweeper.training import TrainingData

Accuracies = list[list[float]]


@dataclass(frozen=True)
class Way:
    """One way to run a sweep.

    Attributes:
        name: what tables call it.
        kind: what does it: `peer`, `ready`, or of `ours` arrays of one, of many, or a study.
        split: whether every core has a process of its own with one thread; else one has all.
        loader_workers: of the peer.
        bfloat16: of ours.
    """

    name: str
    kind: Literal["peer", "ready", "alone", "together", "study"]
    split: bool = False
    loader_workers: int = 0
    bfloat16: bool = False


PEERS = (
    Way("Optuna, DataLoader without workers", "peer"),
    Way("Optuna, DataLoader with 2 workers", "peer", loader_workers=2),
)
READY = Way("one at a time, tensors ready, all cores", "ready")
STUDY = Way("+ as a study in a database", "study", split=True)


def ladder(bfloat16: bool) -> list[Way]:
    """Return what stands between ready tensors and a study, each with one thing more."""
    rungs = [
        Way("+ a process a core", "ready", split=True),
        Way("+ our layout and optimizer", "alone", split=True),
    ]
    if bfloat16:
        rungs.append(Way("+ bfloat16", "alone", split=True, bfloat16=True))
    return [*rungs, Way("+ fused arrays", "together", split=True, bfloat16=bfloat16), STUDY]


@dataclass(frozen=True)
class Timed:
    """One run: seconds, and the validation accuracy of each trial's seeds after the last epoch."""

    seconds: float
    accuracies: Accuracies


class Pool:
    """Processes that stay, so that neither their start nor the loading of data is timed.

    Plain ways have their own, one with all threads and one a core; ours are set up as workers are.

    Args:
        folder: for databases.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.studies = folder, 0
        self.cores = cores()

        self.single = [Process(self.cores)]
        self.split = [Process(1) for _ in range(self.cores)]
        self.workers = [Process(1, of_ours=True) for _ in range(self.cores)]

    def run(self, way: Way, workload: Workload) -> Timed:
        """Run a workload."""
        if way.kind == "study":
            return self.run_study(workload)
        plain = self.split if way.split else self.single
        processes = self.workers if way.kind in ("alone", "together") else plain
        settings = workload.settings
        shares = [settings[i :: len(processes)] for i in range(len(processes))]
        jobs = [(process, share) for process, share in zip(processes, shares, strict=True) if share]
        for process, _ in jobs:
            process.begin(_prepare, workload)
        for process, _ in jobs:
            process.result()
        began = time.perf_counter()
        for process, share in jobs:
            process.begin(_work, way, workload, share)
        results = [process.result() for process, _ in jobs]
        seconds = time.perf_counter() - began
        return Timed(seconds, [trial for result in results for trial in result])

    def faster_peer(self, workload: Workload) -> Way:
        """Return the way of the peer that is faster at one seed of one trial, best of three."""
        (process,) = self.single
        one = replace(workload, trials=1, seeds=1)
        process.call(_prepare, one)
        seconds: dict[Way, list[float]] = {way: [] for way in PEERS}
        for _ in range(3):
            for way in PEERS:
                began = time.perf_counter()
                process.call(_work, way, one, one.settings)
                seconds[way].append(time.perf_counter() - began)
        return min(PEERS, key=lambda way: min(seconds[way]))

    def samples(self, workload: Workload) -> int:
        """Return how many samples a run of a workload trains on."""
        images: int = self.single[0].call(_prepare, workload)
        return images * workload.epochs * workload.seeds * workload.trials

    def close(self) -> None:
        """End the processes."""
        for process in (*self.single, *self.split, *self.workers):
            process.close()

    def run_study(self, workload: Workload) -> Timed:
        """Run a workload as a study in a new database, which is made before the clock starts."""
        self.studies += 1
        url = f"sqlite:///{self.folder / f'{self.studies}.db'}"
        with store.open_database(url, create=True) as database:
            opened, _ = create_or_resume(database, Task.load(workload.spec), workload.settings)
            name = opened.stored.name
        for each in self.workers:  # one after the other: the first measures for all
            each.call(_join, url, name, len(self.workers))
        began = time.perf_counter()
        for each in self.workers:
            each.begin(_work_as_member)
        for each in self.workers:
            each.result()
        seconds = time.perf_counter() - began
        return Timed(seconds, fused.stored_accuracies(url, name))


@contextlib.contextmanager
def pool(folder: Path) -> Iterator[Pool]:
    """Return a pool that ends with the block."""
    opened = Pool(folder)
    try:
        yield opened
    finally:
        opened.close()


@cache
def _data(workload: Workload) -> TrainingData:
    return Task.load(workload.spec).training_data(fused.CPU, exact=True)


def _prepare(workload: Workload) -> int:
    """Load the data, and what the peer imports; return how many samples there are to train on."""
    with contextlib.suppress(SweeperError):  # where the peer takes no part it need not be there
        baseline.require_peer()
    return len(_data(workload).train)


def _work(way: Way, workload: Workload, settings: list[Setting]) -> Accuracies:
    spec, data = workload.spec, _data(workload)
    match way.kind:
        case "peer":
            return baseline.run(spec, data, settings, way.loader_workers)
        case "ready":
            return preloaded.run(spec, data, settings)
        case "alone":
            return fused.alone(spec, data, settings, way.bfloat16)
        case _:
            return fused.together(spec, data, settings, way.bfloat16)


#: The worker of this process, while it takes part in a study.
_member: list[fused.Member] = []


def _join(url: str, name: str, workers: int) -> None:
    _member.append(fused.Member(url, name, workers))


def _work_as_member() -> None:
    member = _member.pop()
    try:
        member.work()
    finally:
        member.close()
