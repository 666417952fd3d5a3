"""Studies in Optuna's tables and in ours, and a real server over them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial

from sweeper.registry.setting import Setting
from sweeper.store import (
    Database,
    DatasetRecord,
    EpochRecord,
    Outlook,
    SeedRecord,
    StoredStudy,
    StudyRecord,
    TaskRecord,
    TrialRecord,
    WorkerIdentity,
    assign,
    create_study,
    open_database,
    record_outlook,
    record_trial,
    reserve,
)
from sweeper.study.study_file import StudySpec

SPEC = {
    "name": "mine",
    "dataset": "digits",
    "net": "compact",
    "loss": "arcface",
    "objectives": ["accuracy"],
    "seeds": 2,
    "epochs": 3,
    "n_trials": 4,
    "space": {"m2": {"low": -0.2, "high": 0.8}, "scale": {"low": 2, "high": 128, "log": True}},
    "fixed": {"lr": 0.002},
}


@dataclass
class Filled:
    """A study with trials in both places."""

    database: Database
    stored: StoredStudy
    optuna_study: optuna.Study

    def add(self, setting: Setting, **values: tuple[float, float]) -> None:
        """Add a complete trial of two seeds; `values` gives theirs by measure."""
        spec = StudySpec.from_json(self.stored.spec)
        number = len(self.optuna_study.get_trials(deepcopy=False))
        self.optuna_study.add_trial(
            create_trial(
                params={name: setting[name] for name in spec.space},
                distributions={
                    name: FloatDistribution(one.low, one.high, log=one.log)
                    for name, one in spec.space.items()
                },
                values=[sum(values[name]) / 2 for name in spec.objectives],
            )
        )
        self._record(setting, values, number=number)

    def add_control(self, name: str, **values: tuple[float, float]) -> None:
        """Add a control of two seeds."""
        spec = StudySpec.from_json(self.stored.spec)
        self._record(spec.control_settings()[name], values, control=name)

    def _record(self, setting: Setting, values: dict[str, tuple[float, float]], **which) -> None:
        seeds = tuple(
            SeedRecord(
                seed,
                {name: of[seed] for name, of in values.items()},
                tuple(EpochRecord(epoch, 2 / epoch, 0.3 * epoch) for epoch in (1, 2, 3)),
            )
            for seed in range(2)
        )
        trial = TrialRecord(setting, "complete", epochs=3, seeds=seeds, **which)
        record_trial(self.database, self.stored.id, trial, self.stored.split)


def make_study(database: Database, **changes: object) -> Filled:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    content = {**SPEC, **changes}
    spec = StudySpec.from_content({k: v for k, v in content.items() if v is not None}, "test")
    study = optuna.create_study(
        study_name=spec.name, storage=database.optuna_storage, directions=spec.directions
    )
    data = DatasetRecord("digits", "digits", "f" * 64, 1797, 10, (1, 8, 8), tuple("0123456789"))
    task = TaskRecord(data, spec.net, 64, spec.epochs, spec.batch_size, 0.1, 0, "5" * 64)
    number = database.optuna_storage.get_study_id_from_name(spec.name)
    record = StudyRecord(spec.name, spec.kind, task, spec.to_json(), spec.n_trials, "0.1.0", number)
    return Filled(database, create_study(database, record), study)


def fill(study: Filled) -> Filled:
    study.add_control("softmax", accuracy=(0.90, 0.92))
    study.add_control("arcface", accuracy=(0.80, 0.86))
    study.add(Setting("arcface", m2=0.1, scale=64.0), accuracy=(0.70, 0.74))
    study.add(Setting("arcface", m2=0.3, scale=16.0), accuracy=(0.93, 0.95))
    study.add(Setting("arcface", m2=0.5, scale=32.0), accuracy=(0.88, 0.89))
    return study


@pytest.fixture
def begin(sqlite_database):
    """Begin a study on SQLite, with these changes to the usual one."""
    return lambda **changes: make_study(sqlite_database, **changes)


@pytest.fixture
def study(begin) -> Filled:
    """A study on SQLite with three of four trials and both controls."""
    return fill(begin())


@pytest.fixture
def study_anywhere(database) -> Filled:
    """The same on either kind of database."""
    return fill(make_study(database))


#: Serves on a free port as the command does, which takes none.
_SCRIPT = """
import os, sys
from sweeper.serve.guard.access import Access
from sweeper.serve.server import serve
url, host, options, *allowed = sys.argv[1:]
token, reading = os.environ.get("SWEEPER_TOKEN"), os.environ.get("SWEEPER_READ_TOKEN")
read_only, writes = "read-only" in options, "writes" in options
access = Access.of(host, allowed, token, reading, read_only, writes)
serve(url, host, 0, access)
"""


@contextmanager
def running(
    url: str,
    host: str = "127.0.0.1",
    *,
    token: str = "",
    reading_token: str = "",
    allowed: tuple[str, ...] = (),
    read_only: bool = False,
    writes: bool = False,
) -> Iterator[tuple[subprocess.Popen, str, list[str]]]:
    """Run a real server on a free port; give its process, its address, what it said before that."""
    options = "read-only" * read_only + "writes" * writes
    words = [url, host, options, *allowed]
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SWEEPER_TOKEN": token, "SWEEPER_READ_TOKEN": reading_token},
    )
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if match := re.search(r"^(http://.+)/sweep$", line):
                yield process, match[1], said
                break
        else:
            raise AssertionError(f"no server: {''.join(said)}")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture(scope="module")
def served_file(sqlite_template, tmp_path_factory) -> str:
    """The URL of a database with one study and a worker on it, for the tests of a file."""
    file = tmp_path_factory.mktemp("served") / "sweeper.db"
    shutil.copy(sqlite_template, file)
    with open_database(f"sqlite:///{file}") as database:
        study = fill(make_study(database)).stored
        record_outlook(database, study, Outlook(3, 0.012, 0.004))
        worker = replace(WorkerIdentity.here(), host="node7/abc", pid=12, device="cuda:1")
        (lease,) = reserve(database, study.id, 1, 4, worker)
        assign(database, lease, 3)
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def address(served_file) -> Iterator[str]:
    """The address of a real server over one study, for the tests of a file."""
    with running(served_file) as (_, found, _):
        yield found


@pytest.fixture
def client(address) -> Iterator[httpx.Client]:
    """A client of that server, which follows no redirects."""
    with httpx.Client(base_url=address, timeout=60) as found:
        yield found


@pytest.fixture(scope="module")
def run_server():
    """Run a real server as `running` does."""
    return running
