"""A study to launch workers on, and a Slurm cluster."""

import importlib.util
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import optuna
import pytest

from sweeper import store
from sweeper.store import open_database
from sweeper.study.open_study import KnownStudy, OpenStudy, create_or_resume
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from tests.support.studies import embeddings, quick, quiet_optuna, start, study, work

__all__ = ["embeddings", "quick", "quiet_optuna", "start", "study", "work"]  # fixtures

SMALL = {
    "name": "s",
    "dataset": "digits[classes=0-2, per_class=20]",
    "space": {"m2": {"low": -0.2, "high": 0.8}, "scale": {"low": 2, "high": 128, "log": True}},
    "controls": ["softmax"],
    "seeds": 1,
    "batch_size": 12,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current folder, and nothing of the user's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEPER_STORAGE", raising=False)
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield tmp_path
    optuna.logging.set_verbosity(before)


@pytest.fixture
def make_study() -> Iterator[Callable[..., OpenStudy]]:
    """Create a small study in a database that has no tables yet."""
    databases = []

    def make(url: str, **content: object) -> OpenStudy:
        databases.append(open_database(url, create=True))
        return create_or_resume(
            databases[-1], Task.load(StudySpec.from_content(SMALL | content, "test"))
        )[0]

    yield make
    for database in databases:
        database.close()


@pytest.fixture
def in_training() -> Callable[[KnownStudy], set[int]]:
    """Return the process ids of the workers that are in the middle of training."""

    def look(study: KnownStudy) -> set[int]:
        leases = store.held(study.database, study.stored.id)
        return {lease.worker.pid for lease in leases if lease.epochs}

    return look


@pytest.fixture
def is_whole() -> Callable[[KnownStudy], bool]:
    """Return whether every trial of the budget, and the control, is complete and none is open."""

    def look(study: KnownStudy) -> bool:
        summary = store.summarize(study.database, study.stored.name)
        numbers = summary.states["complete"], summary.counted, summary.live, summary.controls
        return numbers == (study.stored.n_trials, study.stored.n_trials, 0, 1)

    return look


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something is so."""

    def wait(condition: Callable[[], object], seconds: float = 180.0) -> None:
        last = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < last, "it never came to that"
            time.sleep(0.1)

    return wait


@pytest.fixture(scope="session")
def slurm_module() -> ModuleType:
    """`cluster.py` beside this file, which is in no package."""
    spec = importlib.util.spec_from_file_location("cluster", Path(__file__).parent / "cluster.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def cluster(slurm_module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A Slurm cluster of this machine; commands called from the test find it."""
    if missing := slurm_module.missing():
        pytest.skip(f"no {missing[0]} here: Debian's slurm-wlm and munge are not installed")
    # Not in pytest's folders, which are closed to others: munge refuses a socket there.
    with tempfile.TemporaryDirectory(prefix="slurm", ignore_cleanup_errors=True) as folder:
        with slurm_module.Cluster(Path(folder)) as started:
            for name in ("SLURM_CONF", "PATH"):
                monkeypatch.setenv(name, started.environment[name])
            yield started
        shutil.rmtree(folder, ignore_errors=True)
