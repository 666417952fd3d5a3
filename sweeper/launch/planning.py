"""Who will work on a study here, and for how long."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from sweeper import store
from sweeper.launch.worker_process import WorkerConfig
from sweeper.study.open_study import KnownStudy, OpenStudy
from sweeper.study.task import Task, pick_devices
from sweeper.training import use_processor
from sweeper.worker.estimate import seconds_per_trial
from sweeper.worker.trials_per_array import fitting_trials

#: Said where the first look at a task on a machine takes longer than a moment.
TIMING = "timing a few training steps, the first time for this task on this machine"


@dataclass(frozen=True)
class LaunchPlan:
    """The workers to start, and how long they will take.

    Attributes:
        configs: one per worker.
        estimate: that they follow from.
    """

    configs: list[WorkerConfig]
    estimate: "LaunchEstimate"


def plan_launch(
    opened: OpenStudy,
    left: int,
    url: str,
    device_name: str,
    workers: int | None,
    checkpoints: Path | None = None,
) -> LaunchPlan:
    """Plan the work on what is left of a study.

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
    estimate = estimate_launch(opened.task, left, device_name, workers)
    configs = [
        WorkerConfig(
            url,
            opened.stored,
            str(estimate.devices[rank % len(estimate.devices)]),
            estimate.fuse,
            estimate.threads,
            checkpoints=checkpoints,
            # Whoever plans the work has named the net, and imported it.
            allow_nets=(opened.spec.net.partition(":")[0],),
            timing=opened.database.timing,
        )
        for rank in range(estimate.workers)
    ]
    return LaunchPlan(configs, estimate)


class LaunchEstimate(NamedTuple):
    """How a study would be trained here, and for how long.

    Attributes:
        devices: of the workers, by turns.
        workers: how many.
        threads: of each worker.
        fuse: trials per array.
        per_trial: seconds that a worker takes for one of them.
        seconds: about how long all trials take, starting the workers left out.
    """

    devices: list[torch.device]
    workers: int
    threads: int
    fuse: int
    per_trial: float
    seconds: float

    def until(self, trials: int) -> float:
        """Return about how many seconds go by until so many trials are over, the first ones."""
        rounds = -(-trials // (self.workers * self.fuse))
        return min(rounds * self.fuse * self.per_trial, self.seconds)


def estimate_launch(task: Task, left: int, device_name: str, workers: int | None) -> LaunchEstimate:
    """Estimate the work on so many trials of a task, stored or not.

    By what was seen on this machine before, else by timing a few steps, see `seconds_per_trial`.
    Arguments and errors are those of `plan_launch`.
    """
    spec, devices = task.spec, pick_devices(device_name)
    data = task.training_data(devices[0])
    available = cores()
    if workers is None:
        workers = available if devices[0].type == "cpu" else len(devices)
    use_processor(max(1, available // workers))  # measured as workers will train, or nearly
    fuse = min(fitting_trials(spec, data, workers), -(-left // workers))
    workers = min(workers, -(-left // fuse))
    threads = max(1, available // workers)
    use_processor(threads)  # timed as a worker trains
    fitting_trials(spec, data, workers)  # measured for these threads, too, if it was not yet
    each = seconds_per_trial(spec, data, fuse)
    return LaunchEstimate(devices, workers, threads, fuse, each, each * left / workers)


def trials_left(study: KnownStudy) -> int:
    """Return how many trials and controls are not done yet."""
    summary = store.load_summary(study.database, study.stored.id)
    controls = len(study.spec.control_settings()) - summary.controls
    return max(0, summary.study.n_trials - summary.counted) + controls


def cores() -> int:
    """Return how many cores this process may use; macOS tells only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
