"""What all studies have measured, as two frames. Imported where it is needed: pandas takes time."""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Executable, Select, func, select
from sqlalchemy.orm import Session

from sweeper.registry.losses import repository_losses
from sweeper.registry.setting import FIELDS
from sweeper.store.database.database import Database
from sweeper.store.database.tables import (
    ChoiceRow,
    ConfirmationRow,
    ConfirmedRow,
    CurveRow,
    DatasetRow,
    MetaFeatureRow,
    RepositoryRow,
    ResultRow,
    StudyRow,
    TaskRow,
    TrialRow,
)
from sweeper.store.queue.causes import NON_FINITE
from sweeper.store.results.records import TaskRecord

_TASK = ("net", "embedding", "epochs", "batch_size", "hold_out", "split_fingerprint")
_DATASET = ("name", "source", "fingerprint", "num_classes")


def task_table(database: Database) -> pd.DataFrame:
    """Return one row per task that has meta-features, under the task's own id.

    After net, embedding, epochs, batch_size, hold_out and split_fingerprint come name, source,
    fingerprint and num_classes of the data set, then the meta-features.
    """
    columns = [
        TaskRow.id,
        *(getattr(TaskRow, name) for name in _TASK),
        *(getattr(DatasetRow, name) for name in _DATASET),
    ]
    tasks = select(*columns).join(DatasetRow, DatasetRow.id == TaskRow.dataset_id)
    features = select(TaskRow.id, MetaFeatureRow.name, MetaFeatureRow.value).join(
        MetaFeatureRow,
        (MetaFeatureRow.dataset_id == TaskRow.dataset_id)
        & (MetaFeatureRow.split_fingerprint == TaskRow.split_fingerprint),
    )
    described, measured = database.read(
        lambda session: (_rows(session, tasks), _rows(session, features))
    )
    table = pd.DataFrame(described, columns=["task", *_TASK, *_DATASET]).set_index("task")
    values = pd.DataFrame(measured, columns=["task", "feature", "value"]).astype({"value": float})
    return table.join(values.pivot(index="task", columns="feature", values="value"), how="inner")


def result_table(database: Database, without: str = "") -> pd.DataFrame:
    """Return one row per task, setting, seed and measure: task, the setting, seed, measure, value.

    Trials of searches that were complete, and confirmations of them, measured on validation data;
    a seed that diverged in a confirmation has the value NaN. Test data are left out: with settings
    chosen on them, nothing would be left to test with. So are terms, options, losses and training
    protocols that the repository does not cover.

    Args:
        database: the database.
        without: name of a study whose trials are left out.
    """
    own = [StudyRow.task_id, *(getattr(TrialRow, name) for name in FIELDS)]
    complete = TrialRow.state == "complete"
    queries = [
        _of_trials(
            select(*own, table.seed, table.measure, table.value).join(
                TrialRow, TrialRow.id == table.trial_id
            ),
            complete & (table.split == "validation"),
            without,
        ).order_by(TrialRow.id)
        for table in (ResultRow, ConfirmedRow)
    ]
    rows = database.read(
        lambda session: [row for query in queries for row in _rows(session, query)]
    )
    table = pd.DataFrame(rows, columns=["task", *FIELDS, "seed", "measure", "value"])
    return table.astype({"value": float}).drop_duplicates(["task", *FIELDS, "seed", "measure"])


def term_table(database: Database) -> pd.DataFrame:
    """Return one row per task, setting with terms, seed and measure, of trials that were complete.

    As `result_table`, with a column `options` after the setting, those of a `Setting`.
    """
    names = (*FIELDS, "options")
    own = [StudyRow.task_id, *(getattr(TrialRow, name) for name in names)]
    joined = (
        select(*own, ResultRow.seed, ResultRow.measure, ResultRow.value)
        .join(TrialRow, TrialRow.id == ResultRow.trial_id)
        .join(StudyRow, StudyRow.id == TrialRow.study_id)
        .where(TrialRow.options != (), TrialRow.state == "complete", StudyRow.kind == "search")
        .where(ResultRow.split == "validation")
        .order_by(TrialRow.id)
    )
    rows = database.read(lambda session: _rows(session, joined))
    table = pd.DataFrame(rows, columns=["task", *names, "seed", "measure", "value"])
    return table.astype({"value": float})


def diverged_table(database: Database, without: str = "") -> pd.DataFrame:
    """Return one row per task, setting and seed of trials that diverged: no measure, no value.

    As `result_table`, without one study.
    """
    query = _of_trials(
        select(StudyRow.task_id, *(getattr(TrialRow, name) for name in FIELDS), CurveRow.seed)
        .distinct()
        .join(TrialRow, TrialRow.id == CurveRow.trial_id),
        TrialRow.cause.startswith(NON_FINITE),
        without,
    )
    rows = database.read(lambda session: _rows(session, query))
    return pd.DataFrame(rows, columns=["task", *FIELDS, "seed"]).drop_duplicates()


def latest(database: Database) -> tuple[object, ...]:
    """Return numbers that change whenever any of what recommendations learn from does."""
    tables = (TrialRow, ConfirmationRow, RepositoryRow, MetaFeatureRow)
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
    last = [select(func.max(TrialRow.id)), select(func.max(ChoiceRow.made))]
    last.append(select(func.max(ConfirmationRow.finished)))
    last.append(select(func.max(RepositoryRow.imported)))
    query = select(*counts, *(each.scalar_subquery() for each in last))
    return database.read(lambda session: _rows(session, query)[0])


def _of_trials(query: Select[Any], condition: ColumnElement[bool], without: str) -> Select[Any]:
    """Return a query of trials with the searches that they belong to, all but one."""
    joined = query.join(StudyRow, StudyRow.id == TrialRow.study_id)
    # What has terms or options is another thing than its margins alone.
    plain = (TrialRow.options == ()) & TrialRow.loss.in_(repository_losses())
    usual = TaskRow.protocol == TaskRecord.protocol
    joined = joined.join(TaskRow, TaskRow.id == StudyRow.task_id)
    searches = (StudyRow.kind == "search") & (StudyRow.name != without)
    return joined.where(condition, plain, usual, searches)


def _rows(session: Session, query: Executable) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(query)]
