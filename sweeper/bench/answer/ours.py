"""Our way: what ``sweeper run DATASET --until settled`` and ``sweeper confirm`` do, on the clock.

With the task's source left out of the repository, in the workers, too.
"""

import contextlib
import io
import math
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from optuna.trial import TrialState

from sweeper.bench.answer.searched import Tried
from sweeper.bench.answer.tasks import AnswerTask
from sweeper.confirm.retraining import Retraining
from sweeper.launch import forkserver
from sweeper.launch.planning import plan_launch, trials_left
from sweeper.launch.signals import StopSignals
from sweeper.launch.supervisor import supervise
from sweeper.launch.worker_pool import WorkerHandle, WorkerPool, start_worker
from sweeper.launch.worker_process import WorkerConfig, serve
from sweeper.registry.setting import Setting
from sweeper.repository.sources import leave_out
from sweeper.store import open_database
from sweeper.study.advice import first_settings
from sweeper.study.open_study import OpenStudy, create_or_resume
from sweeper.study.task import Task
from sweeper.worker.queue.recovery import recover
from sweeper.worker.settling import Settling

CPU = torch.device("cpu")


class _Pool(WorkerPool):
    """Workers that do not know a source."""

    def __init__(self, configs: list[WorkerConfig], source: str) -> None:
        super().__init__(configs)
        self.source = source

    def start(self, config: WorkerConfig) -> WorkerHandle:
        """Start one more worker."""
        handle = start_worker(_serve_without, self.source, config)
        self.handles.append(handle)
        return handle


def _serve_without(source: str, config: WorkerConfig, connection: Connection) -> None:
    leave_out(source)
    serve(config, connection)


def search(task: AnswerTask, run: int, cold: bool, folder: Path) -> list[Tried]:
    """Search in a new database until the search has settled.

    Args:
        task: what is searched.
        run: number of the run.
        cold: whether it is to know nothing of other data sets.
        folder: for the database; and for what is measured of this machine, so that nothing is known
            of earlier searches of the task.
    """
    leave_out(task.source)
    folder.mkdir()
    os.environ["XDG_CACHE_HOME"] = str(folder)
    url = f"sqlite:///{folder / 'search.db'}"
    with (
        contextlib.redirect_stderr(io.StringIO()),
        StopSignals() as signals,
        open_database(url, create=True) as database,
    ):
        loaded = Task.load(task.spec(run, cold))
        first = [] if cold else first_settings(loaded, database)
        opened, _ = create_or_resume(database, loaded, first)
        forkserver.prepare()
        plan = plan_launch(opened, trials_left(opened), url, "cpu", None)
        supervise(
            _Pool(plan.configs, task.source),
            opened,
            signals,
            clean_up=lambda: recover(opened, opened.optuna_study()),
            is_settled=Settling(opened).is_settled,
            expected=plan.estimate.seconds,
        )
        return _tried(opened)


def _tried(opened: OpenStudy) -> list[Tried]:
    """Return all trials that have ended; those that were stopped early have no value."""
    ended = (TrialState.COMPLETE, TrialState.PRUNED)
    tried = []
    for trial in opened.optuna_study().get_trials(deepcopy=False, states=ended):
        assert trial.datetime_start is not None
        assert trial.datetime_complete is not None
        began, at = trial.datetime_start.timestamp(), trial.datetime_complete.timestamp()
        value = trial.value if trial.state is TrialState.COMPLETE else None
        value = math.nan if value is None else value
        tried.append(Tried(began, at, opened.setting(trial), value))
    return tried


def confirm(
    task: AnswerTask, run: int, settings: Sequence[Setting], seeds: Sequence[int]
) -> list[list[float]]:
    """Train settings again as `sweeper confirm` does; return each one's values ``[K][N]``."""
    loaded = Task.load(task.spec(run, cold=True))
    training = Retraining(
        loaded.spec, loaded.training_data(CPU, exact=True), list(settings), list(seeds)
    )
    training.train()
    values: list[list[float]] = training.measure()[task.objective].T.tolist()
    return values
