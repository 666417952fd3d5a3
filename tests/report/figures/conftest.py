"""Studies with trials of given values, read back from a real store as the figures get them."""

from dataclasses import dataclass, field

import pandas as pd
import pytest

from sweeper.registry.setting import Setting
from sweeper.store import (
    DatasetRecord,
    EpochRecord,
    SeedRecord,
    StudyRecord,
    TaskRecord,
    TrialRecord,
    create_study,
    record_trial,
)
from sweeper.store.results.frames import curve_table, trial_table
from sweeper.study.study_file import StudySpec


@dataclass
class Given:
    """A study and its trials: each seed's values and curves, as the test gave them."""

    spec: StudySpec
    trials: list[TrialRecord] = field(default_factory=list)

    def add(
        self, setting=None, control=None, state="complete", cause=None, curve=(), epochs=2, **values
    ):
        """Add a trial, or a control; `values` gives each seed's value of each objective."""
        seeds = tuple(
            SeedRecord(
                seed,
                {name: of[seed] for name, of in values.items()},
                curve[seed] if curve else (EpochRecord(1, 2.0, 0.25), EpochRecord(2, 1.0, 0.5)),
            )
            for seed in range(self.spec.seeds)
        )
        number = None if control else sum(trial.number is not None for trial in self.trials)
        setting = setting or self.spec.control_settings()[control]
        trial = TrialRecord(setting, state, number, control, cause, epochs, seeds=seeds)
        self.trials.append(trial)
        return trial


@pytest.fixture
def tables(sqlite_database):
    """Store a study and return its tables of trials and of curves."""

    def stored(given: Given) -> tuple[pd.DataFrame, pd.DataFrame]:
        data = DatasetRecord("digits", "digits", "f" * 64, 100, 2, (1, 8, 8), ("a", "b"))
        spec = given.spec
        task = TaskRecord(data, "compact", 64, spec.epochs, spec.batch_size, 0.1, 0, "5" * 64)
        record = StudyRecord(spec.name, spec.kind, task, spec.to_json(), spec.n_trials, "0.1.0", 1)
        study = create_study(sqlite_database, record)
        for trial in given.trials:
            record_trial(sqlite_database, study.id, trial, study.split)
        return trial_table(sqlite_database, study.id), curve_table(sqlite_database, study.id)

    return stored


@pytest.fixture
def given():
    """Begin a study: a search of the combined loss, unless told otherwise."""

    def begin(space=("m2", "m3", "scale"), **keys) -> Given:
        ranges = {
            "m1": {"low": 0.5, "high": 2},
            "m2": {"low": -0.2, "high": 0.8},
            "m3": {"low": -0.2, "high": 0.5},
            "scale": {"low": 2, "high": 128, "log": True},
            "lr": {"low": 1e-4, "high": 1e-2, "log": True},
            "subcenters": {"low": 1, "high": 3, "step": 1},
        }
        content = {"name": "mine", "dataset": "digits", "seeds": 2, "epochs": 2, **keys}
        if content.get("kind") != "experiment":
            content["space"] = {name: ranges[name] for name in space}
        return Given(StudySpec.from_content(content, "test"))

    return begin


@pytest.fixture
def setting():
    """Make a setting of the combined loss."""
    return lambda **values: Setting("combined", **values)


@pytest.fixture
def named():
    """Return the traces of a figure whose name starts so, by panel."""
    return lambda figure, name: [t for t in figure.data if (t.name or "").startswith(name)]
