"""A process that stays alive and runs one function call at a time."""

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import torch

from sweeper.errors import SweeperError
from sweeper.launch.worker_process import quiet_optuna
from sweeper.training import use_processor


class Process:
    """A fresh process with its own number of threads.

    Not a `ProcessPoolExecutor`: DataLoader workers forked from one of its processes hang.

    Args:
        threads: number of PyTorch threads.
        as_worker: whether to set it up as a sweeper worker.
    """

    def __init__(self, threads: int, as_worker: bool = False) -> None:
        context = multiprocessing.get_context("spawn")
        self.link, child_link = context.Pipe()
        self.process = context.Process(target=_serve, args=(child_link, threads, as_worker))
        self.process.start()
        child_link.close()

    def begin(self, function: Callable[..., Any], *arguments: object) -> None:
        """Start a call of a module-level function; `result` waits for it."""
        self.link.send((function, arguments))

    def result(self) -> Any:
        """Return what the function returned.

        Raises:
            SweeperError: the call failed; the process printed the details.
        """
        try:
            error, value = self.link.recv()
        except EOFError:
            error, value = "a benchmark process was killed", None
        if error:
            raise SweeperError(error)
        return value

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function in the process and return its result."""
        self.begin(function, *arguments)
        return self.result()

    def close(self) -> None:
        """Terminate the process, whatever it is doing."""
        self.process.terminate()
        self.process.join()


def _serve(link: Connection, threads: int, as_worker: bool) -> None:
    quiet_optuna()
    if as_worker:
        use_processor(threads)
    else:
        torch.set_num_threads(threads)
    while True:
        try:
            function, arguments = link.recv()
        except EOFError:
            return
        try:
            link.send(("", function(*arguments)))
        except SweeperError as error:
            link.send((str(error), None))
        except Exception as error:
            traceback.print_exc()
            link.send((f"unexpected error, see above: {type(error).__name__}", None))
