"""Meta-features: measured once for each split of a data set, whatever is trained on it."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import DatasetRow, MetaFeatureRow
from sweeper.store.database.upsert import insert_missing
from sweeper.store.results.records import TaskRecord


def find_meta_features(database: Database, task: TaskRecord) -> dict[str, float]:
    """Return the meta-features of what a task trains on, by name; empty where none are stored."""
    return database.read(lambda session: _stored(session, task))


def record_meta_features(
    database: Database, task: TaskRecord, features: Mapping[str, float]
) -> None:
    """Store the meta-features of a stored task's data; those that are there already stay."""

    def action(session: Session) -> None:
        dataset = session.scalars(
            select(DatasetRow.id).filter_by(fingerprint=task.dataset.fingerprint)
        ).one()
        key = {"dataset_id": dataset, "split_fingerprint": task.split_fingerprint}
        rows = [{**key, "name": name, "value": value} for name, value in features.items()]
        insert_missing(session, MetaFeatureRow, rows)

    database.transact(action)


def _stored(session: Session, task: TaskRecord) -> dict[str, float]:
    query = (
        select(MetaFeatureRow.name, MetaFeatureRow.value)
        .join(DatasetRow, DatasetRow.id == MetaFeatureRow.dataset_id)
        .where(
            DatasetRow.fingerprint == task.dataset.fingerprint,
            MetaFeatureRow.split_fingerprint == task.split_fingerprint,
        )
    )
    return {row.name: row.value for row in session.execute(query)}
