"""A process that stays and does what it is told, one thing at a time."""

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

    No `ProcessPoolExecutor`: the workers of a DataLoader, forked from one of its processes, hang.

    Args:
        threads: of PyTorch.
        of_ours: whether it is set up as a worker of ours is.
    """

    def __init__(self, threads: int, of_ours: bool = False) -> None:
        context = multiprocessing.get_context("spawn")
        self.link, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there, threads, of_ours))
        self.process.start()
        there.close()

    def begin(self, function: Callable[..., Any], *arguments: object) -> None:
        """Have a function of a module called; `result` waits for it."""
        self.link.send((function, arguments))

    def result(self) -> Any:
        """Return what the function returned.

        Raises:
            SweeperError: it failed; what the process printed says more.
        """
        try:
            error, value = self.link.recv()
        except EOFError:
            error, value = "a process of the benchmark was killed", None
        if error:
            raise SweeperError(error)
        return value

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function there and return what it returned."""
        self.begin(function, *arguments)
        return self.result()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.process.terminate()
        self.process.join()


def _serve(link: Connection, threads: int, of_ours: bool) -> None:
    quiet_optuna()
    if of_ours:
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
            link.send((f"a fault of the program, see above: {type(error).__name__}", None))
