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
from sweeper.store.database import engine, retry, schema_lock
from sweeper.store.queue import leases, worker_identity
from sweeper.study.task import Task
from sweeper.worker import heartbeat, termination

#: A second here is twenty of the package's: of leases, and of all waits that follow from them.
FASTER = 20.0
LEASE = leases.LEASE_SECONDS / FASTER

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


def serve(order: worker_process.WorkerConfig, link: Connection, habits: Habits) -> None:
    """Work as a process of a crew does, on a machine of its own and in a hurry."""
    _write_to(habits.log)
    os.environ.update(XDG_STATE_HOME=str(habits.state), TZ=habits.zone)
    time.tzset()
    worker_identity._here = lambda: f"{habits.machine}/{habits.machine}"
    hurry()
    Task.training_data = _exact(Task.training_data)  # type: ignore[method-assign]
    worker_process.serve(order, link)


def hurry() -> None:
    """Have leases, and the waits that follow from them, be over soon in this process."""
    for function in (*vars(leases).values(), heartbeat.Heartbeat.__init__):
        defaults = getattr(function, "__defaults__", None) or ()
        if leases.LEASE_SECONDS in defaults:
            function.__defaults__ = tuple(
                LEASE if value == leases.LEASE_SECONDS else value for value in defaults
            )
    leases.LEASE_SECONDS = termination.LEASE_SECONDS = LEASE
    retry.LONGEST_WAIT /= FASTER
    retry.IMPATIENT /= FASTER
    termination._LOOK /= FASTER
    engine._IDLE = int(engine._IDLE / FASTER)
    schema_lock._LONGEST = int(schema_lock._LONGEST / FASTER)


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
