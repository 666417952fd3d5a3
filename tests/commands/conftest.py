"""The commands as a user calls them: in this process where that does, else in one of their own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import optuna
import pytest

from sweeper.cli import main
from sweeper.store import open_database


class Done(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current folder, and nothing of the user's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEPER_STORAGE", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    before = optuna.logging.get_verbosity()
    yield tmp_path
    optuna.logging.set_verbosity(before)


@pytest.fixture
def clouds(folder: Path) -> Path:
    """An .npz of embeddings of seven classes that overlap."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), 20)
    points = generator.normal(size=(7, 6))[labels] + generator.normal(size=(140, 6))
    np.savez(folder / "clouds.npz", embeddings=points.astype(np.float32), labels=labels)
    return folder / "clouds.npz"


@pytest.fixture
def sweeper(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Call a command in this process."""

    def call(*arguments: str | Path) -> Done:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse's own
            status = int(end.code or 0)
        return Done(status, *capsys.readouterr())

    return call


def _take_interrupts() -> None:
    """Undo what a shell does to jobs in its background, and so to tests that run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process group of its own; what is left of it is killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def call(*arguments: str | Path, **options: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sweeper", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **{"preexec_fn": _take_interrupts, **options},  # type: ignore[call-overload]
        )
        started.append(process)
        return process

    yield call
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def end() -> Callable[[subprocess.Popen[str]], Done]:
    """Wait for a command that was started."""

    def wait(process: subprocess.Popen[str], seconds: float = 300.0) -> Done:
        out, err = process.communicate(timeout=seconds)
        return Done(process.returncode, out, err)

    return wait


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so."""

    def wait(condition: Callable[[], bool], seconds: float = 180.0) -> None:
        last = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < last, "it never came to that"
            time.sleep(0.05)

    return wait


@pytest.fixture
def opened(storage_url: str) -> Iterator[Callable[[], object]]:
    """Open the storage once the command has made it."""
    databases = []

    def call() -> object:
        if not databases:
            databases.append(open_database(storage_url))
        return databases[0]

    yield call
    for database in databases:
        database.close()
