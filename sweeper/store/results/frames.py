"""Trials and curves as pandas frames. Imported where it is needed: pandas takes its time."""

import math
from typing import Any

import pandas as pd
from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from sweeper.registry.setting import FIELDS, Setting
from sweeper.store.database.column_types import SplitName
from sweeper.store.database.database import Database
from sweeper.store.database.tables import CurveRow, ResultRow, TrialRow
from sweeper.store.results.trials import study_split

Rows = list[tuple[Any, ...]]

_DESCRIBED = (
    *("number", "control", "state", "cause"),
    *("loss", "m1", "m2", "m3", "scale", "lr", "weight_decay"),
    *("epochs", "seconds", "device", "finished"),
)


def trial_table(database: Database, study_id: int, split: SplitName | None = None) -> pd.DataFrame:
    """Return one row per trial or control, trials by number before controls by name.

    After what describes the trial and `options` as in a `Setting` come `losses`, the loss with its
    terms, and one column for each option that any trial has, NaN for losses without it. Then
    `seeds`, the number of seeds, and for each measure its mean over the seeds, under its own name,
    and ``NAME_std``, the sample standard deviation (NaN for one seed). One seed's NaN makes both
    NaN.

    Args:
        database: where the trials are stored.
        study_id: whose trials.
        split: which values to read, unless given the study's own split.
    """
    described = [getattr(TrialRow, name) for name in (*_DESCRIBED, "options")]
    trial_rows = select(TrialRow.id, *described).filter_by(study_id=study_id)
    result_rows = (
        select(ResultRow.trial_id, ResultRow.seed, ResultRow.measure, ResultRow.value)
        .join(TrialRow, TrialRow.id == ResultRow.trial_id)
        .where(TrialRow.study_id == study_id)
    )

    def action(session: Session) -> tuple[Rows, Rows]:
        measured = ResultRow.split == (split or study_split(session, study_id))
        return _rows(session, trial_rows), _rows(session, result_rows.where(measured))

    trials, results = database.read(action)
    table = pd.DataFrame(trials, columns=["id", *_DESCRIBED, "options"])
    settings = [Setting(**dict(row)) for _, row in table[[*FIELDS, "options"]].iterrows()]
    table["losses"] = [setting.losses for setting in settings]
    for name in dict.fromkeys(name for options in table["options"] for name, _ in options):
        table[name] = [setting.get(name, math.nan) for setting in settings]
    table = table.astype({"number": "Int64"}).set_index("id")
    values = pd.DataFrame(results, columns=["trial", "seed", "measure", "value"])
    values = values.astype({"value": float})
    table["seeds"] = values.groupby("trial")["seed"].nunique().reindex(table.index, fill_value=0)
    for measure, measured in values.groupby("measure"):
        one = measured.groupby("trial")["value"]
        whole = one.count() == one.size()
        table[str(measure)] = one.mean().where(whole)
        table[f"{measure}_std"] = one.std().where(whole)
    return table.sort_values(["number", "control"]).reset_index(drop=True)


def curve_table(database: Database, study_id: int) -> pd.DataFrame:
    """Return one row per epoch: number, control, seed, epoch, train_loss, accuracy."""
    columns = [
        *(TrialRow.number, TrialRow.control),
        *(CurveRow.seed, CurveRow.epoch, CurveRow.train_loss, CurveRow.accuracy),
    ]
    query = (
        select(*columns)
        .join(TrialRow, TrialRow.id == CurveRow.trial_id)
        .where(TrialRow.study_id == study_id)
    )
    rows = database.read(lambda session: _rows(session, query))
    table = pd.DataFrame(rows, columns=[column.key for column in columns])
    table = table.astype({"number": "Int64", "train_loss": float, "accuracy": float})
    return table.sort_values(["number", "control", "seed", "epoch"]).reset_index(drop=True)


def _rows(session: Session, query: Executable) -> Rows:
    return [tuple(row) for row in session.execute(query)]
