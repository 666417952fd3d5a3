"""Who will work on a study here, and for how long."""

import os
from dataclasses import dataclass
from pathlib import Path

from sweeper import store
from sweeper.launch.worker_process import WorkerConfig
from sweeper.study.open_study import KnownStudy, OpenStudy
from sweeper.study.task import pick_devices
from sweeper.training import use_processor
from sweeper.worker.estimate import seconds_per_trial
from sweeper.worker.trials_per_array import fitting_trials


@dataclass(frozen=True)
class LaunchPlan:
    """The workers to start, the trials that one trains together, and an estimate.

    Attributes:
        configs: one per worker.
        fuse: trials per array.
        seconds: about how long it will take, starting the workers left out.
    """

    configs: list[WorkerConfig]
    fuse: int
    seconds: float


def plan_launch(
    opened: OpenStudy,
    left: int,
    url: str,
    device_name: str,
    workers: int | None,
    checkpoints: Path | None = None,
) -> LaunchPlan:
    """Plan the work on what is left of a study, by timing a few steps.

    Args:
        opened: the study.
        left: trials and controls that are not done yet, at least one.
        url: of its database, for the workers.
        device_name: as given by the user.
        workers: how many, or None for one per GPU, or one per core.
        checkpoints: a folder that all workers share, see `StudyWorker`.

    Raises:
        UsageError: there is no kind of device of this name.
        SweeperError: there is no such device here, or the user's net fails in training.
    """
    spec = opened.spec
    devices = pick_devices(device_name)
    data = opened.task.training_data(devices[0])
    available = cores()
    if workers is None:
        workers = available if devices[0].type == "cpu" else len(devices)
    use_processor(max(1, available // workers))  # measured as workers will train, or nearly
    fuse = min(fitting_trials(spec, data, workers), -(-left // workers))
    workers = min(workers, -(-left // fuse))
    threads = max(1, available // workers)
    use_processor(threads)  # timed as a worker trains
    fitting_trials(spec, data, workers)  # measured for these threads, too, if it was not yet
    configs = [
        WorkerConfig(
            url,
            opened.stored.name,
            str(devices[rank % len(devices)]),
            fuse,
            threads,
            checkpoints=checkpoints,
            timing=opened.database.timing,
        )
        for rank in range(workers)
    ]
    return LaunchPlan(configs, fuse, seconds_per_trial(spec, data, fuse) * left / workers)


def trials_left(study: KnownStudy) -> int:
    """Return how many trials and controls are not done yet."""
    summary = store.summarize(study.database, study.stored.name)
    controls = len(study.spec.controls) - summary.controls
    return max(0, summary.study.n_trials - summary.counted) + controls


def cores() -> int:
    """Return how many cores this process may use; macOS tells only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
