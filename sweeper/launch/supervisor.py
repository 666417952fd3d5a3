"""Working through a study on this machine: what `run` does, and whoever trains something here."""

from typing import TYPE_CHECKING

from sweeper.errors import SweeperError

if TYPE_CHECKING:
    from pathlib import Path

    from sweeper.launch.signals import StopSignals
    from sweeper.study.open_study import OpenStudy


def work_through(
    opened: "OpenStudy",
    signals: "StopSignals",
    storage: str,
    device: str = "auto",
    workers: int | None = None,
    timeout: int | None = None,
    checkpoints: "Path | None" = None,
) -> int:
    """Let workers work on what is left of a study, showing how far they are.

    Args:
        opened: the study.
        signals: entered; once they ask, what is unfinished is handed back.
        storage: URL of the study's database, for the workers.
        device: auto, cpu, cuda:0, …
        workers: how many, or None for one a GPU, or one a core.
        timeout: seconds after which to stop.
        checkpoints: a folder that all workers share, see `StudyWorker`.

    Returns:
        The exit status, see `StopSignals.status`.

    Raises:
        SweeperError: a worker failed, or all were killed.
    """
    from sweeper.console import count, duration, say
    from sweeper.launch import forkserver
    from sweeper.launch.planning import plan_launch, trials_left
    from sweeper.launch.worker_pool import WorkerPool
    from sweeper.report.progress import StudyProgress
    from sweeper.worker.queue.recovery import recover

    study = opened.optuna_study()
    recover(opened, study)
    left = trials_left(opened)
    if not left:
        return 0
    forkserver.prepare()
    plan = plan_launch(opened, left, storage, device, workers, checkpoints)
    crew_size = count(len(plan.orders), "worker")
    say(f"about {duration(plan.seconds)} with {crew_size}, {count(plan.fuse, 'trial')} an array")
    signals.hold()
    with WorkerPool(plan.orders) as crew, StudyProgress(opened) as progress:
        for _ in crew.watch(0.5, timeout):
            if signals.asked():
                say(signals.farewell())
                break
            progress.update()
        timed_out = crew.is_working()
        crew.stop(hurry=signals.pressed, leave=signals.is_preempted())
    recover(opened, study)
    left = trials_left(opened)
    if signals.asked():
        say("stopped, nothing is half-written: run the same command again to go on")
    elif left and timed_out:
        say(f"time is up with {left} still to train: run the same command again to go on")
    elif left and crew.killed:
        raise SweeperError(
            "every worker was killed, for want of memory perhaps; finished trials are stored, and "
            "the same command goes on from there, with --workers 1 if need be"
        )
    elif left:
        say(f"{left} left, with workers elsewhere: see `sweeper studies`")
    return signals.status
