"""Frames against means and deviations computed by hand."""

import math
import statistics

import pandas as pd
import pytest

from sweeper.store import SeedRecord, record_trial
from sweeper.store.frames import curve_table, trial_table


def test_one_row_a_trial_with_mean_and_deviation_over_seeds(database, study, trial, numbered):
    control = numbered(None, control="softmax", seeds=(SeedRecord(4, {"accuracy": 0.5}),))
    for record in (control, numbered(12), numbered(3)):
        record_trial(database, study.id, record, "validation")
    table = trial_table(database, study.id)
    assert table["number"].tolist() == [3, 12, pd.NA]
    assert table["seeds"].tolist() == [2, 2, 1]
    assert table.loc[0, ["loss", "m1", "m2", "m3", "scale", "lr", "weight_decay"]].tolist() == list(
        vars(trial.setting).values()
    )
    for measure in ("accuracy", "retrieval"):
        values = [seed.values[measure] for seed in trial.seeds]
        assert table.loc[0, measure] == pytest.approx(statistics.fmean(values), rel=1e-15)
        assert table.loc[0, f"{measure}_std"] == pytest.approx(statistics.stdev(values), rel=1e-12)
    assert table.loc[2, ["control", "accuracy"]].tolist() == ["softmax", 0.5]
    assert math.isnan(table.loc[2, "accuracy_std"])
    assert math.isnan(table.loc[2, "retrieval"])


def test_a_seed_without_a_value_leaves_the_trial_without_one(database, study, numbered):
    seeds = (SeedRecord(0, {"accuracy": 0.9}), SeedRecord(1, {"accuracy": math.nan}))
    record_trial(database, study.id, numbered(0, state="failed", seeds=seeds), "validation")
    table = trial_table(database, study.id)
    assert table.loc[0, "seeds"] == 2
    assert table[["accuracy", "accuracy_std"]].isna().all(axis=None)


def test_curves_have_one_row_an_epoch(database, study, trial, numbered):
    control = numbered(None, control="softmax", seeds=trial.seeds[:1])
    for record in (control, numbered(1), numbered(0)):
        record_trial(database, study.id, record, "validation")
    table = curve_table(database, study.id)
    expected = [
        (number, seed.seed, *vars(epoch).values())
        for number, seeds in ((0, trial.seeds), (1, trial.seeds), (None, trial.seeds[:1]))
        for seed in seeds
        for epoch in seed.curve
    ]
    shown = table.drop(columns="control").astype(object)
    rows = shown.where(shown.notna(), None).itertuples(index=False, name=None)
    assert list(rows) == expected
    assert table["control"].iloc[-1] == "softmax"


def test_a_study_without_trials_has_empty_tables(database, study):
    assert trial_table(database, study.id).empty
    assert {"number", "state", "seeds"} <= set(trial_table(database, study.id).columns)
    assert curve_table(database, study.id).empty
