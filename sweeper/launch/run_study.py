"""Training a study on this machine: what `run` does, and whoever else trains something here."""

from collections.abc import Callable
from pathlib import Path

from sweeper.console import count, duration, say
from sweeper.launch import forkserver
from sweeper.launch.planning import plan_launch, trials_left
from sweeper.launch.signals import StopSignals
from sweeper.launch.supervisor import supervise
from sweeper.launch.worker_pool import WorkerPool
from sweeper.study.open_study import OpenStudy
from sweeper.worker.queue.recovery import recover


def run_study(
    opened: OpenStudy,
    signals: StopSignals,
    storage: str,
    device: str = "auto",
    workers: int | None = None,
    timeout: int | None = None,
    checkpoints: Path | None = None,
    is_settled: Callable[[], bool] = lambda: False,
) -> int:
    """Let workers work on what is left of a study, showing how far they are.

    Args:
        opened: the study.
        signals: entered; once they ask, what is unfinished is handed back.
        storage: URL of the study's database, for the workers.
        device: auto, cpu, cuda:0, …
        workers: how many, or None for one per GPU, or one per core.
        timeout: seconds after which to stop.
        checkpoints: a folder that all workers share, see `StudyWorker`.
        is_settled: asked now and then, whether the rest need not be trained.

    Returns:
        The exit status, see `StopSignals.status`.

    Raises:
        SweeperError: a worker failed, or all were killed.
    """
    study = opened.optuna_study()
    recover(opened, study)
    left = trials_left(opened)
    if not left:
        return 0
    forkserver.prepare()
    plan = plan_launch(opened, left, storage, device, workers, checkpoints)
    pool_size, fuse = count(len(plan.configs), "worker"), count(plan.fuse, "trial")
    say(f"about {duration(plan.seconds)} with {pool_size}, {fuse} per array")
    pool = WorkerPool(plan.configs, opened.database.timing)
    supervise(
        pool,
        opened,
        signals,
        timeout,
        clean_up=lambda: recover(opened, study),
        is_settled=is_settled,
    )
    return signals.status
