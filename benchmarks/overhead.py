"""Measures the share of a worker's time that storage and Optuna take.

One worker runs in this process, on an SQLite file in a temporary folder. The functions that access
the database are timed from outside, in the same run that is measured. It prints two tables:

- each study of the demo, from its first trial to its last;
- a study that already has many finished trials, for each sampler: the one-time cost of joining it,
  and the cost per trial from then on.

Run it from the checkout: ``python benchmarks/overhead.py``.
"""

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import optuna
import torch
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial
from sqlalchemy import update

from sweeper import store
from sweeper.launch import worker_process
from sweeper.store import ClassRecord, EpochRecord, SeedRecord, TrialRecord, open_database
from sweeper.store.database.tables import StudyRow
from sweeper.study import open_study
from sweeper.study.distributions import distributions
from sweeper.study.open_study import OpenStudy, create_or_resume
from sweeper.study.resolve import resolve
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.trials_per_array import fitting_trials

DEMO = ("demo-digits", "demo-mnist", "demo-fuzzy-rgb")

#: The calls of a worker that access the database: part in the tables, owner and name.
CALLS: tuple[tuple[str, Any, str], ...] = (
    ("open", worker_process, "open_database"),
    ("open", store, "find_study"),
    ("open", open_study, "_enqueue_settings"),
    ("open", OpenStudy, "optuna_study"),
    ("open", OpenStudy, "next_rank"),
    ("recover", TrialQueue, "recover"),
    ("claim", TrialQueue, "take"),
    ("epochs", store, "note_epochs"),
    ("rungs", optuna.Trial, "report"),
    ("rungs", optuna.Trial, "should_prune"),
    ("finish", ClaimedTrial, "hand_in"),
)
PARTS = tuple(dict.fromkeys(part for part, _, _ in CALLS))


@dataclass
class Clock:
    """The calls that access the database, in order: part, start and seconds.

    A nested call counts only for the outer one.
    """

    calls: list[tuple[str, float, float]] = field(default_factory=list)
    inside: bool = False

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that it is timed."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.inside:
                return function(*args, **kwargs)
            self.inside = True
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.inside = False
                self.calls.append((part, began, time.perf_counter() - began))

        return call

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time all `CALLS` within the block."""
        with ExitStack() as stack:
            for part, owner, name in CALLS:
                function = self.timed(part, getattr(owner, name))
                stack.enter_context(patch.object(owner, name, function))
            yield

    def spent(self, since: float = 0.0) -> dict[str, float]:
        """Return the seconds of each part in calls that began at or after `since`."""
        spent = dict.fromkeys(PARTS, 0.0)
        for part, began, seconds in self.calls:
            if began >= since:
                spent[part] += seconds
        return spent


@dataclass(frozen=True)
class Run:
    """One worker's run: start, end, number of trials, and the timed calls."""

    began: float
    ended: float
    done: int
    clock: Clock


def run_worker(url: str, name: str, fuse: int | None = None) -> Run:
    """Let one worker finish a study.

    Its time starts after all imports; loading the data is included.
    """
    clock = Clock()
    with clock.running():
        began = time.perf_counter()
        done = worker_process.work(
            worker_process.WorkerConfig(url, name, "cpu", fuse), lambda: False
        )
        return Run(began, time.perf_counter(), done, clock)


def create(url: str, name: str, n_trials: int | None = None) -> OpenStudy:
    """Store a study of the demo."""
    with open_database(url, create=True) as database:
        return create_or_resume(database, Task.load(resolve(name, n_trials=n_trials)))[0]


def fill(url: str, name: str, trials: int) -> int:
    """Store a study with many finished trials that are as large as real ones but random.

    Returns:
        The number of trials that a worker would train as one array.
    """
    with open_database(url, create=True) as database:
        opened, _ = create_or_resume(database, Task.load(resolve(name, n_trials=trials)))
        study, space, draws = opened.optuna_study(), distributions(opened.spec), random.Random(0)
        for control, setting in opened.spec.control_settings().items():
            record = TrialRecord(setting, "complete", control=control)
            store.record_trial(database, opened.stored.id, record, opened.stored.split)
        for number in range(trials):
            params = {
                name: draws.uniform(of.low, of.high)
                for name, of in space.items()
                if isinstance(of, FloatDistribution)  # as all of this study's are
            }
            seeds = tuple(_seed(opened, seed, draws) for seed in range(opened.spec.seeds))
            setting, epochs = opened.spec.setting(params), opened.spec.epochs
            record = TrialRecord(setting, "complete", number, epochs=epochs, seeds=seeds)
            store.record_trial(database, opened.stored.id, record, opened.stored.split)
            accuracies = [seed.values["accuracy"] for seed in seeds]
            shown = {"setting": setting.describe(), "accuracy of each seed": accuracies}
            value = statistics.fmean(accuracies)
            study.add_trial(
                create_trial(params=params, distributions=space, value=value, user_attrs=shown)
            )
        return fitting_trials(opened.spec, opened.task.training_data(torch.device("cpu")))


def _seed(opened: OpenStudy, seed: int, draws: random.Random) -> SeedRecord:
    classes = range(len(opened.task.split.trained_classes))
    return SeedRecord(
        seed,
        {"accuracy": draws.random(), "compactness": draws.random()},
        tuple(EpochRecord(epoch, 1.0, 0.5) for epoch in range(1, opened.spec.epochs + 1)),
        tuple(ClassRecord(index, 0.5, 1.0, 1.0) for index in classes),
        tuple((true, said, 3) for true in classes for said in classes),
    )


def resume(url: str, name: str, sampler: str, n_trials: int, fuse: int) -> Run:
    """Let one worker continue a filled study up to `n_trials` trials, with another sampler."""
    with open_database(url) as database:
        stored = store.find_study(database, name)
        spec = StudySpec.from_json(stored.spec).model_copy(update={"sampler": sampler})
        values = {"spec": spec.to_json(), "n_trials": n_trials}
        change = update(StudyRow).where(StudyRow.id == stored.id).values(values)
        database.transact(lambda session: session.execute(change))
    return run_worker(url, name, fuse)


def row(label: str, trials: int, wall: float, spent: dict[str, float]) -> str:
    """Format a row: trials, milliseconds per trial in total and by part, and the share."""
    total = sum(spent.values())
    cells = "".join(f"{1000 * seconds / trials:9.1f}" for seconds in spent.values())
    return f"{label:24}{trials:7}{1000 * wall / trials:9.0f}{cells}{100 * total / wall:8.2f} %"


HEAD = "".join(
    [f"{'':24}{'trials':>7}{'all':>9}", *(f"{part:>9}" for part in PARTS), f"{'share':>10}"]
)


def show_demo(folder: Path) -> None:
    """Print the table of the demo's studies."""
    print("The demo's studies, milliseconds per trial\n" + HEAD)
    for name in DEMO:
        url = f"sqlite:///{folder / name}.db"
        create(url, name)
        run = run_worker(url, name)
        print(row(name, run.done, run.ended - run.began, run.clock.spent()), flush=True)


def show_late(folder: Path, finished: int, arrays: int, samplers: list[str]) -> None:
    """Print the table of a study with many finished trials."""
    name = DEMO[0]
    filled = folder / "filled.db"
    fuse = fill(f"sqlite:///{filled}", name, finished)
    print(f"\n{name} with {finished:,} finished trials, {fuse} per array, milliseconds per trial")
    print(HEAD)
    for sampler in samplers:
        file = folder / f"{sampler}.db"
        shutil.copy(filled, file)
        run = resume(f"sqlite:///{file}", name, sampler, finished + arrays * fuse, fuse)
        first = next(began for part, began, _ in run.clock.calls if part == "claim")
        spent = run.clock.spent(first)
        print(row(sampler, run.done, run.ended - first, spent))
        joining = sum(run.clock.spent().values()) - sum(spent.values())
        print(f"{'':24}joining, once per worker: {joining:.2f} s", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--finished", type=int, default=10_000, metavar="N", help="finished trials (10000)"
    )
    parser.add_argument(
        "--arrays", type=int, default=2, metavar="N", help="arrays trained behind them (2)"
    )
    parser.add_argument(
        "--samplers", nargs="+", default=["tpe", "random"], metavar="NAME", help="tpe, random, ..."
    )
    parser.add_argument("--only", choices=["demo", "late"], help="one of the two tables alone")
    options = parser.parse_args()
    worker_process.quiet_optuna()
    with tempfile.TemporaryDirectory() as folder:
        if options.only != "late":
            show_demo(Path(folder))
        if options.only != "demo":
            show_late(Path(folder), options.finished, options.arrays, options.samplers)


if __name__ == "__main__":
    main()
