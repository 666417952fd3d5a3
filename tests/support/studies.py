"""Studies that take a moment, for the tests of studies, workers, launchers and confirmations."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch

from sweeper.store import Database
from sweeper.study.open_study import OpenStudy, create_or_resume
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from sweeper.worker.study_worker import StudyWorker

STEPPED = {
    "m2": {"low": -0.2, "high": 0.8, "step": 0.5},
    "m3": {"low": -0.2, "high": 0.4, "step": 0.2},
    "scale": {"choices": [4, 16, 64]},
}
SMOOTH = {
    "m2": {"low": -0.2, "high": 0.8},
    "m3": {"low": -0.2, "high": 0.4},
    "scale": {"low": 2, "high": 128, "log": True},
}


@pytest.fixture
def study() -> Callable[..., StudySpec]:
    """Make a study on digits: a search of m2, m3 and scale unless settings are given."""

    def make(**content: Any) -> StudySpec:
        if content.get("kind") != "experiment":
            space = STEPPED if content.get("sampler") == "grid" else SMOOTH
            content = {"space": space} | content
        return StudySpec.from_content({"name": "s", "dataset": "digits"} | content, "test")

    return make


@pytest.fixture(autouse=True)
def quiet_optuna() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An .npz of embeddings of seven classes that overlap: a trial takes milliseconds."""
    return make_embeddings(tmp_path_factory.mktemp("data") / "clouds.npz")


def make_embeddings(path: Path, seed: int = 0) -> Path:
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(7), 20)
    points = generator.normal(size=(7, 6))[labels] + generator.normal(size=(140, 6))
    np.savez(path, embeddings=points.astype(np.float32), labels=labels)
    return path


@pytest.fixture
def quick(study, embeddings) -> Callable[..., StudySpec]:
    """Make a study that takes a moment: two seeds and two epochs on the embeddings."""

    def make(**content: Any) -> StudySpec:
        small = {"dataset": str(embeddings), "epochs": 2, "seeds": 2, "batch_size": 16}
        if content.get("kind") != "experiment":
            small |= {"n_trials": 5, "sampler": "random"}
        return study(**small | content)

    return make


@pytest.fixture
def start(database: Database) -> Callable[[StudySpec], OpenStudy]:
    """Create a study in the database, or go on with it."""
    return lambda spec: create_or_resume(database, Task.load(spec))[0]


@pytest.fixture
def work() -> Callable[..., int]:
    """Work on a study in this process until `stop` says yes or nothing is left."""

    def run(opened: OpenStudy, **options: Any) -> int:
        return StudyWorker(opened, torch.device("cpu"), **options).work()

    return run
