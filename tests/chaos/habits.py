"""What a worker process of the suite does otherwise than one of a user."""

import faulthandler
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from sweeper.launch import worker_process
from sweeper.store import Timing
from sweeper.store.queue import worker_identity
from sweeper.study.task import Task

#: Leases, and all waits that follow from them, are twenty times shorter than the package's, and
#: there is a checkpoint every few epochs.
TIMING = Timing(
    lease=9.0,
    termination_poll=0.25,
    timeout=0.3,
    longest_retry_wait=0.5,
    idle_transaction=3.0,
    schema_lock=15.0,
    checkpoint=0.2,
)

LOG = "%(asctime)s.%(msecs)03d %(process)d %(message)s"


@dataclass(frozen=True)
class Habits:
    """Where a worker runs.

    Attributes:
        machine: the name of its machine; workers of another one do not see its process.
        state: the folder of the machine, where results wait.
        log: the file that it writes to.
        zone: its time zone.
    """

    machine: str
    state: Path
    log: Path
    zone: str = "UTC"


def serve(config: worker_process.WorkerConfig, connection: Connection, habits: Habits) -> None:
    """Work as a process of a pool does, on a machine of its own and in a hurry."""
    _write_to(habits.log)
    os.environ.update(XDG_STATE_HOME=str(habits.state), TZ=habits.zone)
    time.tzset()
    worker_identity._here = lambda: f"{habits.machine}/{habits.machine}"
    Task.training_data = _exact(Task.training_data)
    worker_process.serve(config, connection)


def _write_to(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(file, sys.stdout.fileno())
    os.dup2(file, sys.stderr.fileno())
    os.close(file)
    logging.basicConfig(format=LOG, datefmt="%H:%M:%S", level=logging.WARNING, force=True)
    faulthandler.register(signal.SIGUSR1, all_threads=True)


def _exact(training_data):
    """Train in float64, where it makes no difference who trains beside whom."""

    def exactly(self, device, exact=False):
        data = training_data(self, device, exact)
        means = {"mean": data.mean.double(), "std": data.std.double()}
        return replace(data, dtype=torch.float64, autocast=False, **means)

    return exactly
