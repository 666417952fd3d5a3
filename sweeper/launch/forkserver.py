"""The process that workers are forked from.

It imports PyTorch and the rest once for all workers, while the process that starts them still loads
its data: importing takes longer than a small study. Unlike that process it starts no threads and
touches neither GPU nor database, so its forks are sound.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess

#: What a worker imports; PyTorch's optimizers import `torch._dynamo` when the first one is made.
_IMPORTED = ["sweeper.launch.worker_process", "torch._dynamo"]

_CONTEXT = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Start the process, so that it imports ahead of the first worker; call from the main thread.

    A Ctrl-C reaches every process of a terminal, and `timeout` signals a whole group: this process
    ignores both signals, and so do its forks until they decide otherwise.
    """
    multiprocessing.set_forkserver_preload(_IMPORTED)
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        forkserver.ensure_running()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def process(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Return a process, not started yet, with the environment variables that this one has now.

    A fork of the server alone would have those of the server's start: a `SWEEPER_DATA` that a
    notebook sets later would reach the search, and not its workers.
    """
    return _CONTEXT.Process(target=_call, args=(dict(os.environ), target, arguments), daemon=True)


def _call(
    environment: dict[str, str], target: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*arguments)
