"""A process with limits of memory and time, for what somebody sent."""

import logging
import multiprocessing
import os
import resource
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from sweeper.serve.uploads import limits
from sweeper.serve.uploads.measured import SAID, Failed, Outcome, Refused

#: What the processes are forked from imports once: PyTorch takes seconds.
_IMPORTED = ["sweeper.serve.uploads.measure"]

#: Most bytes of what a process says.
_MOST_SAID = 4 * 1024**2

#: Most characters of a failure that are logged.
_MOST_LOGGED = 4000

_log = logging.getLogger(__name__)

_CONTEXT = multiprocessing.get_context("forkserver")

_TOO_LARGE = "measuring it takes more memory than one file may have; send fewer samples"
_TOO_SLOW = "measuring it takes more time than one file may have; send fewer samples of each class"
_BROKEN = "measuring it ended the process that did; save the file anew, and leave out odd images"


@dataclass(frozen=True)
class Limits:
    """What a process may take.

    Attributes:
        memory: bytes beside those of the program itself.
        cpu: seconds of all its threads.
        wall: seconds by the clock.
        file: bytes of any file that it writes.
    """

    memory: int = limits.MEMORY
    cpu: int = limits.CPU_SECONDS
    wall: float = limits.WALL_SECONDS
    file: int = limits.MOST_UNPACKED


class Child:
    """Runs one function at a time in a process of its own.

    Args:
        allowed: to each process.
    """

    def __init__(self, allowed: Limits | None = None) -> None:
        self._allowed = allowed or Limits()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._ended = False

    def run(self, function: Callable[..., Outcome], *arguments: object) -> Outcome:
        """Return what the function returns, or why it was ended."""
        multiprocessing.set_forkserver_preload(_IMPORTED)
        receiving, sending = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(
            target=_limited, args=(sending, self._allowed, function, arguments), daemon=True
        )
        with receiving:
            process.start()
            sending.close()
            self._process = process
            if self._ended:
                process.kill()
            try:
                return self._said(receiving, process)
            finally:
                process.kill()
                process.join()
                process.close()

    def end(self) -> None:
        """Kill the process that runs, and those that are about to."""
        self._ended = True
        process = self._process
        if process is not None:
            try:
                process.kill()
            except ValueError:  # it has ended by itself
                return

    def _said(self, receiving: Connection, process: multiprocessing.process.BaseProcess) -> Outcome:
        try:
            if not receiving.poll(self._allowed.wall):
                return Refused(_TOO_SLOW)
            said = SAID.validate_json(receiving.recv_bytes(_MOST_SAID))
        except (EOFError, OSError):
            process.join(1.0)
            slow = process.exitcode in (-signal.SIGXCPU, -signal.SIGALRM)
            return Refused(_TOO_SLOW if slow else _BROKEN)
        except ValueError:  # not what `_limited` sends
            return Refused(_BROKEN)
        if isinstance(said, Failed):
            # Quoted, since parts of it may be of the file.
            _log.warning("measuring a file that was sent failed: %r", said.trace[-_MOST_LOGGED:])
            return Refused(_BROKEN)
        return said


def _limited(
    sending: Connection,
    allowed: Limits,
    function: Callable[..., Outcome],
    arguments: tuple[object, ...],
) -> None:
    """Call a function within limits and send what it returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the server's, which ends this
    signal.alarm(int(allowed.wall) + 5)  # also where the server is gone
    os.nice(5)
    _silence()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    for kind, most, at_last in (
        (resource.RLIMIT_AS, _address_space() + allowed.memory, 0),
        (resource.RLIMIT_CPU, allowed.cpu, 5),  # first a signal that tells why, then SIGKILL
        (resource.RLIMIT_FSIZE, allowed.file, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (most, most + at_last))
    said: Outcome | Failed
    try:
        said = function(*arguments)
    except MemoryError:
        said = Refused(_TOO_LARGE)
    except Exception as error:
        is_memory = isinstance(error, RuntimeError) and "memory" in str(error)  # PyTorch's
        said = Refused(_TOO_LARGE) if is_memory else Failed(traceback.format_exc())
    sending.send_bytes(SAID.dump_json(said))


def _silence() -> None:
    """Say nothing: libraries quote in warnings what a file holds, for each file."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _address_space() -> int:
    """Return the bytes of address space that this process has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
