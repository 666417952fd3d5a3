"""Working on a study in this process, or as one of the processes of a crew."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple

import optuna

from sweeper.errors import SweeperError
from sweeper.search.open_study import find
from sweeper.search.signals import StopSignals
from sweeper.search.task import pick_device
from sweeper.search.worker import StudyWorker
from sweeper.store import open_database, patient, translated
from sweeper.store.leases import LEASE_SECONDS
from sweeper.store.trouble import passes
from sweeper.training import use_processor

#: Seconds that a worker waits for a database that went away: as long as its leases last.
PATIENCE = LEASE_SECONDS


@dataclass(frozen=True)
class Order:
    """What a worker process is to do: it opens everything anew, so this is all it is given."""

    url: str
    study_name: str
    device: str
    fuse: int | None = None
    threads: int = 1


class Failure(NamedTuple):
    """What ended a worker before its time, and whether it may go better another time."""

    text: str
    passing: bool


def quiet_optuna() -> None:
    """Leave it to us what is said about trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def work(
    order: Order,
    stop: Callable[[], bool],
    begin: Callable[[StudyWorker], None] = lambda worker: None,
) -> int:
    """Work on a study in this process; return how many trials were done.

    Args:
        order: what to do.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
        begin: told the worker before it takes its first trial.

    Raises:
        SweeperError: the study, its data or the database are not there, or the user's net failed.
    """
    use_processor(order.threads)
    quiet_optuna()
    with open_database(order.url) as database, translated(database.name):
        opened = find(database, order.study_name)
        device = pick_device(order.device)
        worker = StudyWorker(opened, device, order.fuse, stop)
        begin(worker)
        with patient(PATIENCE, stop):
            return worker.work()


def serve(order: Order, link: Connection) -> None:
    """Work as a process of a crew.

    Args:
        order: what to do.
        link: to the process that watches the crew. Anything that comes, and its end when that
            process is gone, asks to stop; what goes there is the Failure that ended this worker.
    """
    logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
    with StopSignals() as signals:
        signals.hold()
        try:
            work(order, lambda: signals.asked() or link.poll())
        except SweeperError as error:
            link.send(Failure(str(error), passes(error)))
        except Exception as error:
            traceback.print_exc()
            text = f"a fault of the program, see above: {type(error).__name__}"
            link.send(Failure(text, passing=True))
