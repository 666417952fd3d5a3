"""The variants that are compared, and the processes they run in."""

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
class Variant:
    """One way to run a sweep.

    Attributes:
        name: as shown in tables.
        kind: `baseline`; `preloaded`, plain PyTorch; `one_by_one`, arrays of one member; `fused`,
            arrays of many; or `study`, fused arrays as a study in a database.
        split: whether to run one single-threaded process per core; otherwise one process uses all
            cores.
        loader_workers: DataLoader workers of the baseline.
        bfloat16: whether our arrays train in bfloat16.
    """

    name: str
    kind: Literal["baseline", "preloaded", "one_by_one", "fused", "study"]
    split: bool = False
    loader_workers: int = 0
    bfloat16: bool = False


BASELINES = (
    Variant("Optuna, DataLoader without workers", "baseline"),
    Variant("Optuna, DataLoader with 2 workers", "baseline", loader_workers=2),
)
PRELOADED = Variant("one at a time, preloaded tensors, all cores", "preloaded")
STUDY = Variant("+ as a study in a database", "study", split=True)


def ladder(bfloat16: bool) -> list[Variant]:
    """Return the steps from preloaded tensors to a study, each with one more optimization."""
    rungs = [
        Variant("+ one process per core", "preloaded", split=True),
        Variant("+ our layout and optimizer", "one_by_one", split=True),
    ]
    if bfloat16:
        rungs.append(Variant("+ bfloat16", "one_by_one", split=True, bfloat16=True))
    return [*rungs, Variant("+ fused arrays", "fused", split=True, bfloat16=bfloat16), STUDY]


@dataclass(frozen=True)
class Timed:
    """One run: seconds, and the validation accuracy of each trial's seeds after the last epoch."""

    seconds: float
    accuracies: Accuracies


class Pool:
    """Long-lived processes, so that neither their start nor loading data is timed.

    Plain PyTorch has one process with all threads and one process per core. Our own variants run in
    processes that are set up as workers.

    Args:
        folder: for databases.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.studies = folder, 0
        self.cores = cores()

        self.single = [Process(self.cores)]
        self.split = [Process(1) for _ in range(self.cores)]
        self.workers = [Process(1, as_worker=True) for _ in range(self.cores)]

    def run(self, variant: Variant, workload: Workload) -> Timed:
        """Run a workload."""
        if variant.kind == "study":
            return self.run_study(workload)
        plain = self.split if variant.split else self.single
        processes = self.workers if variant.kind in ("one_by_one", "fused") else plain
        settings = workload.settings
        shares = [settings[i :: len(processes)] for i in range(len(processes))]
        jobs = [(process, share) for process, share in zip(processes, shares, strict=True) if share]
        for process, _ in jobs:
            process.begin(_prepare, workload)
        for process, _ in jobs:
            process.result()
        began = time.perf_counter()
        for process, share in jobs:
            process.begin(_work, variant, workload, share)
        results = [process.result() for process, _ in jobs]
        seconds = time.perf_counter() - began
        return Timed(seconds, [trial for result in results for trial in result])

    def faster_baseline(self, workload: Workload) -> Variant:
        """Return the baseline that is faster on one seed of one trial, best of three runs."""
        (process,) = self.single
        one = replace(workload, trials=1, seeds=1)
        process.call(_prepare, one)
        seconds: dict[Variant, list[float]] = {variant: [] for variant in BASELINES}
        for _ in range(3):
            for variant in BASELINES:
                began = time.perf_counter()
                process.call(_work, variant, one, one.settings)
                seconds[variant].append(time.perf_counter() - began)
        return min(BASELINES, key=lambda variant: min(seconds[variant]))

    def samples(self, workload: Workload) -> int:
        """Return the number of samples that a run of a workload trains on."""
        images: int = self.single[0].call(_prepare, workload)
        return images * workload.epochs * workload.seeds * workload.trials

    def close(self) -> None:
        """End the processes."""
        for process in (*self.single, *self.split, *self.workers):
            process.close()

    def run_study(self, workload: Workload) -> Timed:
        """Run a workload as a study in a new database, created before the clock starts."""
        self.studies += 1
        url = f"sqlite:///{self.folder / f'{self.studies}.db'}"
        with store.open_database(url, create=True) as database:
            opened, _ = create_or_resume(database, Task.load(workload.spec), workload.settings)
            name = opened.stored.name
        for each in self.workers:  # one after another: the first measures the array size for all
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
    """Yield a pool that is closed at the end of the block."""
    opened = Pool(folder)
    try:
        yield opened
    finally:
        opened.close()


@cache
def _data(workload: Workload) -> TrainingData:
    return Task.load(workload.spec).training_data(fused.CPU, exact=True)


def _prepare(workload: Workload) -> int:
    """Load the data and the baseline's imports; return the number of training samples."""
    with contextlib.suppress(SweeperError):  # not needed if the baseline is not run
        baseline.require_baseline()
    return len(_data(workload).train)


def _work(variant: Variant, workload: Workload, settings: list[Setting]) -> Accuracies:
    spec, data = workload.spec, _data(workload)
    match variant.kind:
        case "baseline":
            return baseline.run(spec, data, settings, variant.loader_workers)
        case "preloaded":
            return preloaded.run(spec, data, settings)
        case "one_by_one":
            return fused.one_by_one(spec, data, settings, variant.bfloat16)
        case _:
            return fused.fused(spec, data, settings, variant.bfloat16)


#: This process's worker while it takes part in a study.
_member: list[fused.Member] = []


def _join(url: str, name: str, workers: int) -> None:
    _member.append(fused.Member(url, name, workers))


def _work_as_member() -> None:
    member = _member.pop()
    try:
        member.work()
    finally:
        member.close()
