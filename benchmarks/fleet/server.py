"""The PostgreSQL server, with a database for each line."""

import contextlib
import math
import statistics
import time
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import psutil
from psycopg import sql
from sqlalchemy import make_url

from benchmarks.fleet.lines import Kind, Line
from benchmarks.fleet.past import prepare
from sweeper import store
from sweeper.store import open_database
from tests.support.postgres import connect


class Server:
    """A PostgreSQL server in which each line has its own database, copied from a template.

    The databases are dropped on exit.

    Args:
        url: of a database on it, with a user who may create databases.
        pid: of the server if it runs on this machine, else None.
    """

    def __init__(self, url: str, pid: int | None = None) -> None:
        self.url, self.pid = url, pid
        self._admin = connect(url)
        self._templates: dict[Kind, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._templates.values():
            self._drop(name)
        self._admin.close()

    def describe(self) -> dict[str, Any]:
        """Return the version, the settings that affect speed, and the time of a commit."""
        told: dict[str, Any] = {}
        for name in ("server_version", "fsync", "synchronous_commit", "max_connections"):
            (told[name],) = self._admin.execute(f"SHOW {name}").fetchone() or ("unknown",)
        told["commit_ms"] = round(1000 * self._commit_seconds(), 2)
        return told | {"here": self.pid is not None}

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server and all its processes, including ended ones."""
        if self.pid is None:
            return math.nan
        main = psutil.Process(self.pid)
        times = main.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in main.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                own = child.cpu_times()
                total += own.user + own.system
        return float(total)

    @contextlib.contextmanager
    def database(self, line: Line) -> Iterator[str]:
        """Give the URL of a new database with the study of a line in it."""
        kind = line.kind
        if kind not in self._templates:
            self._templates[kind] = template = self._create()
            prepare(self._url(template), kind)
        name = self._create(self._templates[kind])
        try:
            url = self._url(name)
            with open_database(url) as database:
                study = store.find_study(database, kind.spec.name)
                store.set_n_trials(database, study.id, line.n_trials)
            yield url
        finally:
            self._drop(name)

    def _commit_seconds(self) -> float:
        name = f"fleet_{uuid.uuid4().hex}"
        self._admin.execute(f"CREATE TABLE {name} (number int)")
        try:
            seconds = []
            for number in range(200):
                began = time.perf_counter()
                self._admin.execute(f"INSERT INTO {name} VALUES ({number})")
                seconds.append(time.perf_counter() - began)
        finally:
            self._admin.execute(f"DROP TABLE {name}")
        return statistics.median(seconds)

    def _create(self, template: str = "template1") -> str:
        name = f"fleet_{uuid.uuid4().hex}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)
