"""Worker processes on this machine: started, watched, stopped."""

import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import optuna
import torch

from sweeper.errors import SweeperError
from sweeper.search.open_study import find
from sweeper.search.task import pick_device
from sweeper.search.worker import StudyWorker
from sweeper.store import open_database, translated


@dataclass(frozen=True)
class Order:
    """What a worker process is to do: it opens everything anew, so this is all it is given."""

    url: str
    study_name: str
    device: str
    fuse: int | None = None
    rank: int = 0
    threads: int = 1


def start(order: Order) -> BaseProcess:
    """Start a worker in a process of its own, which ends itself when this one is gone."""
    # Spawned, since a forked copy of PyTorch's and PostgreSQL's threads does not work.
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(order,), name=f"sweeper worker {order.rank}", daemon=True
    )
    process.start()
    return process


def quiet_optuna() -> None:
    """Leave it to us what is said about trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def stop_on_signals() -> Callable[[], bool]:
    """Return a function that says whether this process was asked to stop.

    The first Ctrl-C or SIGTERM asks; a second Ctrl-C interrupts at once.
    """
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return lambda: asked


def work(order: Order, stop: Callable[[], bool]) -> int:
    """Work on a study in this process; return how many trials were done.

    Raises:
        SweeperError: the study, its data or the database are not there.
    """
    torch.set_num_threads(order.threads)
    quiet_optuna()
    with open_database(order.url) as database, translated(database.name):
        opened = find(database, order.study_name)
        device = pick_device(order.device)
        return StudyWorker(opened, device, order.fuse, order.rank, stop).work()


def _work(order: Order) -> None:
    """Run a worker as the main function of a process that `start` made."""
    logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
    asked = stop_on_signals()
    # A Ctrl-C in the terminal reaches every process of it: here the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def stop() -> bool:
        return asked() or (parent is not None and not parent.is_alive())

    try:
        work(order, stop)
    except SweeperError as error:
        print(f"sweeper worker: {error}", file=sys.stderr)
        sys.exit(error.status)
