"""Working on a study in this process, or as one of the processes of a crew."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import optuna

from sweeper.errors import SweeperError
from sweeper.launch.signals import StopSignals
from sweeper.store import DEFAULT_TIMING, Timing, explain_errors, is_transient, open_database
from sweeper.store.database.clock import warn_if_off
from sweeper.store.database.one_machine import require_one_machine
from sweeper.study.open_study import find
from sweeper.study.task import pick_device
from sweeper.training import use_processor
from sweeper.worker.study_worker import StudyWorker

#: What a worker of a crew is told: to end after this epoch, saving what it has, or at once.
LEAVE, STOP = "leave", "stop"


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker process is to do: it opens everything anew, so this is all it is given."""

    url: str
    study_name: str
    device: str
    fuse: int | None = None
    threads: int = 1
    beside: tuple[str, ...] = ()
    checkpoints: Path | None = None
    timing: Timing = DEFAULT_TIMING


class Failure(NamedTuple):
    """What ended a worker before its time, and whether it may go better another time."""

    text: str
    passing: bool


def quiet_optuna() -> None:
    """Leave it to us what is said about trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def work(
    order: WorkerConfig,
    stop: Callable[[], bool],
    begin: Callable[[StudyWorker], None] = lambda worker: None,
    leave: Callable[[], bool] = lambda: False,
) -> int:
    """Work on a study in this process; return how many trials were done.

    Args:
        order: what to do.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
        begin: told the worker before it takes its first trial.
        leave: asked after each epoch, see `StudyWorker`.

    Raises:
        SweeperError: the study, its data or the database are not there, or the user's net failed.
    """
    use_processor(order.threads)
    quiet_optuna()
    with (
        open_database(order.url, timing=order.timing) as database,
        explain_errors(database.name),
    ):
        require_one_machine(database)
        opened = find(database, order.study_name)
        worker = StudyWorker(
            opened,
            pick_device(order.device),
            order.fuse,
            stop,
            leave,
            [find(database, name) for name in order.beside],
            order.checkpoints,
        )
        warn_if_off(database)
        begin(worker)
        with database.timeout(order.timing.worker_timeout, lambda: stop() or leave()):
            return worker.work()


class _Told:
    """The newest word of the process that watches the crew."""

    def __init__(self, link: Connection) -> None:
        self.link, self.word = link, ""

    def last(self) -> str:
        """Return LEAVE, STOP, or nothing yet."""
        while self.word != STOP and self.link.poll():
            try:
                self.word = self.link.recv()
            except (EOFError, OSError):
                self.word = STOP
        return self.word


def serve(order: WorkerConfig, link: Connection) -> None:
    """Work as a process of a crew.

    Args:
        order: what to do.
        link: to the process that watches the crew. LEAVE or STOP may come; its end, when that
            process is gone, is as good as STOP. What goes there is the Failure that ended this
            worker.
    """
    logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
    with StopSignals() as signals:
        signals.hold()
        try:
            told = _Told(link)
            work(
                order,
                lambda: signals.is_interrupted() or told.last() == STOP,
                leave=lambda: signals.is_preempted() or told.last() == LEAVE,
            )
        except SweeperError as error:
            link.send(Failure(str(error), is_transient(error)))
        except Exception as error:
            traceback.print_exc()
            text = f"a fault of the program, see above: {type(error).__name__}"
            link.send(Failure(text, passing=True))
