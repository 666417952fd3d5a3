"""Training a study on this machine: what `run` does, and whoever else trains something here."""

from collections.abc import Callable
from pathlib import Path

from sweeper import store
from sweeper.console import count, duration, preparing, say
from sweeper.launch import forkserver
from sweeper.launch.planning import TIMING, LaunchEstimate, plan_launch, trials_left
from sweeper.launch.signals import StopSignals
from sweeper.launch.supervisor import supervise
from sweeper.launch.worker_pool import WorkerPool
from sweeper.registry.pruners import NO_PRUNER
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
    is_settled: Callable[[], bool] | None = None,
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
        is_settled: asked now and then, whether the rest need not be trained; None if it must be.

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
    with preparing(TIMING):
        plan = plan_launch(opened, left, storage, device, workers, checkpoints)
    ends_early = is_settled is not None or opened.spec.pruner != NO_PRUNER
    say(_duration(opened, plan.estimate, left, ends_early))
    pool = WorkerPool(plan.configs, opened.database.timing)
    supervise(
        pool,
        opened,
        signals,
        timeout,
        clean_up=lambda: recover(opened, study),
        is_settled=is_settled,
        expected=plan.estimate.seconds,
    )
    return signals.status


def _duration(opened: OpenStudy, estimate: LaunchEstimate, left: int, ends_early: bool) -> str:
    """Return how long it will take, to the answer of a new search's shortlist and to the end."""
    pool, fuse = count(estimate.workers, "worker"), count(estimate.fuse, "trial")
    how = f"with {pool}, {fuse} per array"
    whole = f"about {duration(estimate.seconds)}{' or less' if ends_early else ''}"
    summary = store.load_summary(opened.database, opened.stored.id)
    controls, first = len(opened.spec.control_settings()), summary.queued
    is_new = opened.spec.kind == "search" and not summary.counted + summary.controls
    if not is_new or not 0 < first + controls < left or not first:
        return f"{whole} {how}"
    tried = f"{count(first, 'setting')} suggested by other data sets"
    beside = f" and {count(controls, 'control')}" if controls else ""
    return (
        f"about {duration(estimate.until(first + controls))} for the {tried}{beside}, {whole} for "
        f"all {left}, {how}"
    )
