"""Studies with known results, stored without training."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pytest

from sweeper.registry.setting import Setting
from sweeper.report.study_results import StudyResults
from sweeper.store import EpochRecord, SeedRecord, TrialRecord, record_trial
from sweeper.study.open_study import create_or_resume
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task

SPACE = {"m2": {"low": -0.2, "high": 0.8}, "scale": {"low": 2, "high": 128, "log": True}}


@pytest.fixture
def make_study(sqlite_database) -> Callable[..., Any]:
    """Create a study on a few digits."""

    def make(**content: Any) -> Any:
        if content.get("kind") != "experiment":
            content = {"space": SPACE, "loss": "arcface", "n_trials": 10} | content
        start = {"name": "mine", "dataset": "digits[per_class=20]", "seeds": 2, "epochs": 2}
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        spec = StudySpec.from_content(start | content, "test")
        opened, _ = create_or_resume(sqlite_database, Task.load(spec))
        optuna.logging.set_verbosity(verbosity)
        return opened

    return make


@pytest.fixture
def put() -> Callable[..., None]:
    """Store a trial of a study: its values by objective, one per seed."""

    def store(opened: Any, number: int | str, state: str = "complete", **rest: Any) -> None:
        values = rest.pop("values", {})
        setting = rest.pop("setting", Setting("arcface", m2=0.25, scale=16.0))
        cause = rest.pop("cause", None)
        lists = list(zip(*values.values(), strict=True)) or [(), ()]
        seeds = tuple(
            SeedRecord(seed, dict(zip(values, each, strict=True)), (EpochRecord(1, 0.5, 0.5),))
            for seed, each in enumerate(lists)
        )
        record = TrialRecord(setting, state, number=0, cause=cause, epochs=2, seeds=seeds)
        if isinstance(number, str):
            record = replace(record, number=None, control=number)
        else:
            record = replace(record, number=number)
        record_trial(opened.database, opened.stored.id, record, opened.stored.split)

    return store


@pytest.fixture
def outcome_of() -> Callable[[Any], StudyResults]:
    return lambda opened: StudyResults.load(opened.database, opened.stored)
