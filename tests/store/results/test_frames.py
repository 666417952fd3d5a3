"""Frames against means and deviations computed by hand."""

import math
import statistics

import pandas as pd
import pytest

from sweeper.registry.setting import FIELDS, Setting
from sweeper.store import SeedRecord, record_trial
from sweeper.store.results.frames import curve_table, trial_table


def test_one_row_a_trial_with_mean_and_deviation_over_seeds(database, study, trial, numbered):
    control = numbered(None, control="softmax", seeds=(SeedRecord(4, {"accuracy": 0.5}),))
    for record in (control, numbered(12), numbered(3)):
        record_trial(database, study.id, record, "validation")
    table = trial_table(database, study.id)
    assert table["number"].tolist() == [3, 12, pd.NA]
    assert table["seeds"].tolist() == [2, 2, 1]
    assert Setting(**table.loc[0, [*FIELDS, "options"]]) == trial.setting
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


def test_what_losses_and_terms_have_more_has_a_column_each(database, study, numbered):
    settings = [
        Setting("softmax"),
        Setting.of("softmax", {"center.lambda": 0.5}),
        Setting.of("arcface", {"subcenters": 3, "center.lambda": 0.25}, ["git"]),
        Setting.of("arcface", {"m2": 0.5}),
        Setting("triplet"),
    ]
    for number, setting in enumerate(settings):
        record_trial(database, study.id, numbered(number, setting=setting), "validation")
    table = trial_table(database, study.id)
    assert [Setting(**row) for _, row in table[[*FIELDS, "options"]].iterrows()] == settings
    assert table["losses"].tolist() == [
        *("softmax", "softmax + center", "arcface + center + git", "arcface", "triplet")
    ]
    shown = table.astype(object).where(table.notna(), None)
    assert shown["center.lambda"].tolist() == [None, 0.5, 0.25, None, None]
    assert shown["git.lambda_g"].tolist() == [None, None, 0.01, None, None]
    assert shown["subcenters"].tolist() == [None, None, 3.0, 1.0, None]
    assert shown["margin"].tolist() == [None, None, None, None, 0.2]
    assert {"warmup", "sigma2r.lambda"}.isdisjoint(table.columns)


def test_curves_have_one_row_an_epoch(database, study, trial, numbered):
    control = numbered(None, control="softmax", seeds=trial.seeds[:1])
    for record in (control, numbered(1), numbered(0)):
        record_trial(database, study.id, record, "validation")
    table = curve_table(database, study.id)
    expected = [
        (number, seed.seed, epoch.epoch, epoch.train_loss, epoch.accuracy)
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
