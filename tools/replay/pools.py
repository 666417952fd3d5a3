"""Pools of settings: drawn over the whole space and measured for this, or what is stored of a task.

A measured pool is a study of its own, which goes on where it was stopped and which any number of
workers may join, and a small table in docs/results/pools.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from optuna.trial import FrozenTrial, TrialState
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from sweeper.files import replace_file
from sweeper.launch.run_study import run_study
from sweeper.launch.signals import StopSignals
from sweeper.registry.objectives import is_share
from sweeper.repository.objectives import score
from sweeper.repository.own_studies import id_of
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.coordinates import Compression, FloatArray, points_of
from sweeper.store import NON_FINITE, kind_of, open_database
from sweeper.study.open_study import OpenStudy, create_or_resume
from sweeper.study.task import Task
from sweeper.study.trial_attributes import at_end
from tools.atlas.sweep import plan
from tools.atlas.tasks import AtlasTask
from tools.replay.grounds import Pool
from tools.replay.known import MARGINS

FOLDER = Path(__file__).parents[2] / "docs" / "results" / "pools"

#: Settings of a pool, and seeds of each.
SETTINGS, SEEDS = 400, 2

#: Significant digits of what is written.
_DIGITS = 6


def pool_task(task: AtlasTask, settings: int = SETTINGS) -> Task:
    """Return the study of a pool: settings of a Sobol sequence, as the atlas trains the task.

    Raises:
        SweeperError: its data are not here.
    """
    margins = next(each.task for each in plan(task) if each.first)
    spec = margins.spec.updated(
        "pool", name=f"{task.name}, pool", sampler="qmc", n_trials=settings, seeds=SEEDS
    )
    return replace(margins, spec=spec)


def measure(task: AtlasTask, url: str, settings: int = SETTINGS, folder: Path = FOLDER) -> int:
    """Train what is missing of a pool, write its table once it is whole; return the exit status.

    Raises:
        SweeperError: the task's data are not here, or a worker failed.
    """
    with StopSignals() as signals, open_database(url, create=True) as database:
        opened, _ = create_or_resume(database, pool_task(task, settings))
        if status := run_study(opened, signals, url):
            return status
        folder.mkdir(parents=True, exist_ok=True)
        text = table_of(opened).to_csv(index=False, lineterminator="\n")
        replace_file(folder / f"{_file_name(task.name)}.csv", text.encode())
    return 0


def table_of(opened: OpenStudy) -> pd.DataFrame:
    """Return a row for each setting and seed: values of each objective, and seconds of a trial.

    A trial takes its share of the time in which any of the study was trained. What diverged has
    the worst value of a share, 0; objectives that are none are left out.
    """
    task, rate = id_of(opened.task.record), opened.spec.fixed["lr"]
    trials = opened.optuna_study().get_trials(deepcopy=False)
    ended = [each for each in trials if each.state is TrialState.COMPLETE or _diverged(each)]
    objectives = [each for each in opened.spec.objectives if is_share(each)]
    seconds = float(f"{_seconds(ended) / len(ended):.3g}")
    rows = []
    for trial in ended:
        params = {name: _short(trial.params[name]) for name in MARGINS}
        for seed in range(opened.spec.seeds):
            row = {"task": task, "seconds": seconds, **params, "lr": rate, "seed": seed}
            for objective in objectives:
                values = trial.user_attrs.get(at_end(objective)) or [None] * opened.spec.seeds
                row[objective] = 0.0 if values[seed] is None else _short(values[seed])
            rows.append(row)
    return pd.DataFrame(rows)


def measured() -> list[pd.DataFrame]:
    """Return the tables of all pools that were measured."""
    return [pd.read_csv(path) for path in sorted(FOLDER.glob("*.csv"))]


def stored(repository: Repository, objective: str, task: str, rate: float) -> pd.DataFrame:
    """Return what a repository has of a task at one rate, as the table of a pool."""
    every = repository.results
    own = every[
        (every["task"] == task)
        & (every["objective"] == objective)
        & (every["loss"] != "softmax")
        & (every["lr"] == rate)
    ]
    return own.assign(**{objective: own["value"]})[[*MARGINS, "seed", objective]]


def by_other_seeds(table: pd.DataFrame, objective: str) -> Pool:
    """Return a pool of which the first half of the seeds is told; the other one says the worth.

    The best is what all that is told would choose.
    """
    settings, values = _wide(table, objective)
    middle = values.shape[1] // 2
    told, worth = values[:, :middle], values[:, middle:].mean(1)
    return Pool(settings, told, worth, float(worth[int(told.mean(1).argmax())]))


def by_neighbors(table: pd.DataFrame, objective: str) -> Pool:
    """Return a pool of which all seeds are told; its own smooth course says the worth.

    That is a Gaussian process through the pool alone, whose widths and noise are estimated: of two
    seeds, neither is good for more than to tell the other's luck.
    """
    settings, values = _wide(table, objective)
    middle = float(np.median(values))
    compression = Compression(2 * float(np.median(np.abs(values - middle))) or 1e-6)
    compressed = compression.compress_gain(values.mean(1) - middle)
    kernel = ConstantKernel(1.0) * RBF([1.0] * len(MARGINS), (0.1, 100.0))
    process = GaussianProcessRegressor(kernel + WhiteKernel(0.1, (1e-4, 10.0)), normalize_y=True)
    points = points_of(settings)
    with warnings.catch_warnings():  # a margin that changes nothing has the largest width
        warnings.simplefilter("ignore", ConvergenceWarning)
        smooth = process.fit(points, compressed).predict(points)
    worth = middle + compression.decompress(np.asarray(smooth, dtype=float))
    return Pool(settings, values, worth, float(worth.max()))


def _wide(table: pd.DataFrame, objective: str) -> tuple[pd.DataFrame, FloatArray]:
    """Return the settings that have every seed, and their scores, ``[n, R]``."""
    rows = table.drop_duplicates([*MARGINS, "seed"])
    wide = rows.pivot(index=MARGINS, columns="seed", values=objective).dropna()
    return wide.index.to_frame(index=False), score(objective, wide.to_numpy(float))


def _diverged(trial: FrozenTrial) -> bool:
    failed = trial.state is TrialState.FAIL
    return failed and kind_of(trial.user_attrs.get("cause")) == NON_FINITE


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _seconds(trials: Sequence[FrozenTrial]) -> float:
    """Return the seconds in which at least one of some trials ran."""
    total, until = 0.0, datetime.min
    for trial in sorted(trials, key=lambda each: each.datetime_start or datetime.min):
        begin, end = trial.datetime_start, trial.datetime_complete
        if begin is not None and end is not None and end > until:
            total += (end - max(begin, until)).total_seconds()
            until = end
    return total


def _file_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
