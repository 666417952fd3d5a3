"""Who trains: a process, and the place where its process id means something."""

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
    """A process that trains: a name of its own, and where it runs.

    Attributes:
        name: no other worker has it.
        host: the host's name and, behind a slash, what tells its process ids from those of others:
            containers may share the name of a host, and see none of each other's processes.
        pid: the process id there.
        device: what it trains on.
    """

    name: str
    host: str
    pid: int
    device: str = "cpu"

    @classmethod
    def here(cls, device: str = "cpu") -> "WorkerIdentity":
        """Return this process as a worker, under a name that no other worker has."""
        pid = os.getpid()
        name = f"{socket.gethostname()}-{pid}-{secrets.token_hex(4)}"
        _names.add(name)
        return cls(name, _here(), pid, device)

    @property
    def machine(self) -> str:
        """The host's name."""
        return self.host.partition("/")[0]

    def is_here(self) -> bool:
        """Return whether its process would be seen from here."""
        return self.host == _here()

    def is_dead(self) -> bool:
        """Return whether the process is known to be gone; elsewhere than here nothing is known.

        A container that is started again has the process ids that it had before.
        """
        if not self.is_here():
            return False
        earlier = self.pid == os.getpid() and self.name not in _names
        return earlier or not _is_alive(self.pid)

    def is_on_another_machine(self) -> bool:
        """Return whether its machine is known to be another one; a container's is what it runs on.

        A host of this name under another boot is taken for this machine before it was restarted.
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
    """Return what all processes share that see this one under its process id, and no other.

    The machine stands before a dot, where it is known. All containers of a machine share the boot
    of its kernel; only their namespaces of process ids differ.
    """
    if sys.platform != "linux":  # no namespaces of process ids: the machine is enough
        return f"{uuid.getnode():x}.0"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return secrets.token_hex(6)  # nobody can tell, so a worker is lost when its lease runs out
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
    except PermissionError:  # it lives, under another user
        return True
    return True
