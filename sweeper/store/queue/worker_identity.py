"""The identity of a worker: a process, and the namespace in which its process id is valid."""

import hashlib
import os
import secrets
import socket
import sys
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The names of all workers of this process.
_names: set[str] = set()


@dataclass(frozen=True)
class WorkerIdentity:
    """A worker process: a unique name, and where it runs.

    Attributes:
        name: unique among all workers.
        host: the host name and, after a slash, an id of its namespace of process ids: containers
            may share a host name without seeing each other's processes.
        pid: its process id.
        device: the device it trains on.
    """

    name: str
    host: str
    pid: int
    device: str = "cpu"

    @classmethod
    def here(cls, device: str = "cpu") -> "WorkerIdentity":
        """Return a new, uniquely named identity for this process."""
        pid = os.getpid()
        name = f"{socket.gethostname()}-{pid}-{secrets.token_hex(4)}"
        _names.add(name)
        return cls(name, _here(), pid, device)

    @property
    def machine(self) -> str:
        """The host name."""
        return self.host.partition("/")[0]

    def is_here(self) -> bool:
        """Return whether its process would be visible from this one."""
        return self.host == _here()

    def is_dead(self) -> bool:
        """Return whether the process is known to be gone; nothing is known about other hosts.

        A restarted container reuses the process ids that it had before.
        """
        if not self.is_here():
            return False
        earlier = self.pid == os.getpid() and self.name not in _names
        return earlier or not _is_alive(self.pid)

    def is_on_another_machine(self) -> bool:
        """Return whether it is known to run on another machine (for a container, its host).

        The same host name with another boot id is taken for this machine before a restart.
        """
        name, _, place = self.host.partition("/")
        theirs, ours = _machine(place), _machine(_place())
        if theirs is None or ours is None or theirs == ours:
            return False
        return name != socket.gethostname()


def _here() -> str:
    return f"{socket.gethostname()}/{_place()}"


@cache
def _place() -> str:
    """Return an id shared by exactly those processes that see this one under its process id.

    The id of the machine comes before a dot, if it is known. All containers of a machine share the
    boot id of its kernel; only their process id namespaces differ.
    """
    if sys.platform != "linux":  # no process id namespaces: the machine is enough
        return f"{uuid.getnode():x}.0"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return secrets.token_hex(6)  # unknown, so a worker is lost only when its lease expires
    return f"{_digest(boot)}.{_digest(boot + namespace)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _machine(place: str) -> str | None:
    machine, dot, _ = place.partition(".")
    return machine if dot else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # alive, under another user
        return True
    return True
