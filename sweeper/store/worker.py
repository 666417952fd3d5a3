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


@dataclass(frozen=True)
class Worker:
    """A process that trains: a name of its own, and where it runs.

    Attributes:
        name: no other worker has it.
        host: the host's name and, behind a slash, what tells its process ids from those of others:
            containers may share the name of a host, and see none of each other's processes.
        pid: the process id there.
    """

    name: str
    host: str
    pid: int

    @classmethod
    def here(cls) -> "Worker":
        """Return this process as a worker, under a name that no other worker has."""
        pid = os.getpid()
        return cls(f"{socket.gethostname()}-{pid}-{secrets.token_hex(4)}", _here(), pid)

    def is_dead(self) -> bool:
        """Return whether the process is known to be gone; elsewhere than here nothing is known."""
        return self.host == _here() and not _is_alive(self.pid)


def _here() -> str:
    return f"{socket.gethostname()}/{_place()}"


@cache
def _place() -> str:
    """Return what all processes share that see this one under its process id, and no other."""
    if sys.platform != "linux":  # no namespaces of process ids: the machine is enough
        return f"{uuid.getnode():x}"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return secrets.token_hex(6)  # nobody can tell, so a worker is lost when its lease runs out
    return hashlib.sha256((boot + namespace).encode()).hexdigest()[:12]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, under another user
        return True
    return True
