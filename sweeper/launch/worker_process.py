"""Working on a study in this process, or as one of the processes of a pool."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import optuna

from sweeper.errors import StudyGoneError, SweeperError
from sweeper.launch.signals import StopSignals
from sweeper.store import (
    DEFAULT_TIMING,
    StoredStudy,
    Timing,
    explain_errors,
    is_transient,
    open_database,
)
from sweeper.store.queue.clock import warn_if_off
from sweeper.store.queue.one_machine import require_one_machine
from sweeper.study.open_study import find
from sweeper.study.task import pick_device
from sweeper.training import use_processor
from sweeper.worker.study_worker import StudyWorker

#: What a worker of a pool is told: to end after this epoch, saving what it has, or at once.
LEAVE, STOP = "leave", "stop"


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker process is to do: it opens everything anew, so this is all it is given.

    A study that was stored is the same one under another name.
    """

    url: str
    study: str | StoredStudy
    device: str
    fuse: int | None = None
    threads: int = 1
    beside: tuple[str, ...] = ()
    checkpoints: Path | None = None
    allow_nets: tuple[str, ...] = ()
    timing: Timing = DEFAULT_TIMING


class Failure(NamedTuple):
    """What ended a worker before its time.

    Attributes:
        text: one line for the user.
        is_transient: whether it may go better another time.
        is_gone: whether its study was deleted, so that nothing of it is stored.
    """

    text: str
    is_transient: bool
    is_gone: bool = False


def quiet_optuna() -> None:
    """Leave it to us what is said about trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def work(
    config: WorkerConfig,
    stop: Callable[[], bool],
    begin: Callable[[StudyWorker], None] = lambda worker: None,
    leave: Callable[[], bool] = lambda: False,
) -> int:
    """Work on a study in this process; return how many trials were done.

    Args:
        config: what to do.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
        begin: told the worker before it takes its first trial.
        leave: asked after each epoch, see `StudyWorker`.

    Raises:
        SweeperError: the study, its data or the database are not there, or the user's net failed.
    """
    use_processor(config.threads)
    quiet_optuna()
    with (
        open_database(config.url, timing=config.timing) as database,
        explain_errors(database.name),
    ):
        require_one_machine(database)
        opened = find(database, config.study, config.allow_nets)
        worker = StudyWorker(
            opened,
            pick_device(config.device),
            config.fuse,
            stop,
            leave,
            [find(database, name, config.allow_nets) for name in config.beside],
            config.checkpoints,
        )
        warn_if_off(database)
        begin(worker)
        with database.timeout(config.timing.worker_timeout, lambda: stop() or leave()):
            return worker.work()


class _Messages:
    """The newest message of the process that watches the pool."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.message = connection, ""

    def last(self) -> str:
        """Return LEAVE, STOP, or nothing yet."""
        while self.message != STOP and self.connection.poll():
            try:
                self.message = self.connection.recv()
            except (EOFError, OSError):
                self.message = STOP
        return self.message


def serve(config: WorkerConfig, connection: Connection) -> None:
    """Work as a process of a pool.

    Args:
        config: what to do.
        connection: to the process that watches the pool. LEAVE or STOP may come; its end, when that
            process is gone, is as good as STOP. What goes there is the Failure that ended this
            worker.
    """
    logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
    with StopSignals() as signals:
        signals.hold()
        try:
            messages = _Messages(connection)
            work(
                config,
                lambda: signals.is_interrupted() or messages.last() == STOP,
                leave=lambda: signals.is_preempted() or messages.last() == LEAVE,
            )
        except SweeperError as error:
            is_gone = isinstance(error, StudyGoneError)
            connection.send(Failure(str(error), is_transient(error), is_gone))
        except Exception as error:
            traceback.print_exc()
            text = f"a fault of the program, see above: {type(error).__name__}"
            connection.send(Failure(text, is_transient=True))
