"""Data sets, tasks and studies: made once, found by name, listed with what has been done."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError, unknown
from sweeper.store.database import optuna_tables
from sweeper.store.database.database import Database
from sweeper.store.database.tables import DatasetRow, StudyRow, TaskRow
from sweeper.store.database.upsert import insert_missing
from sweeper.store.queue.counting import (
    count_causes,
    count_controls,
    count_epochs,
    count_leases,
    count_trials,
    gone,
)
from sweeper.store.results.records import (
    DatasetRecord,
    StoredStudy,
    StudyRecord,
    StudySummary,
    TaskRecord,
)


def create_study(database: Database, record: StudyRecord) -> StoredStudy:
    """Store a study with its task and data set, or return the one of this name as it is stored.

    Several processes may do so at once. Whether what is stored is what was meant is for the caller
    to compare: its `spec` above all.

    Raises:
        SweeperError: the study of this name belonged to another Optuna study, which was deleted.
    """

    def action(session: Session) -> StoredStudy:
        task = _task_id(session, record.task)
        rest = {
            "optuna_study_id": record.optuna_study_id,
            "kind": record.kind,
            "task_id": task,
            "spec": record.spec,
            "n_trials": record.n_trials,
            "code_version": record.code_version,
        }
        _insert_missing(session, StudyRow, {"name": record.name}, rest)
        return _one_study(session, record.name)

    stored = database.transact(action)
    if stored.optuna_study_id != record.optuna_study_id:
        raise SweeperError(
            f"study {record.name!r} was deleted from Optuna's tables, its results are kept here; "
            "start a new one with --study-name"
        )
    return stored


def find_study(database: Database, name: str) -> StoredStudy:
    """Return the study of this name.

    Raises:
        UsageError: there is none; says which are near.
    """
    return database.read(lambda session: _one_study(session, name))


def load_study(database: Database, study_id: int) -> StoredStudy:
    """Return the study with this id as it is stored now, whatever its name has become.

    Raises:
        SweeperError: it was deleted.
    """
    return database.read(lambda session: _study_by_id(session, study_id))


def set_n_trials(database: Database, study_id: int, n_trials: int) -> None:
    """Change the budget of a study."""
    database.transact(
        lambda session: session.execute(
            update(StudyRow).where(StudyRow.id == study_id).values(n_trials=n_trials)
        )
    )


def list_studies(database: Database) -> list[StudySummary]:
    """Return all studies in the order of their making, with their trials by state."""

    def action(session: Session) -> list[StudySummary]:
        there = select(StudyRow).where(StudyRow.state != "deleted")
        rows = session.scalars(there.order_by(StudyRow.created, StudyRow.id)).all()
        return [_summary(session, _stored(row)) for row in rows]

    return database.read(action)


def summarize(database: Database, name: str) -> StudySummary:
    """Return one study with its trials by state.

    Raises:
        UsageError: there is no such study; says which are near.
    """
    return database.read(lambda session: _summary(session, _one_study(session, name)))


def load_summary(database: Database, study_id: int) -> StudySummary:
    """Return the study with this id with its trials by state.

    Raises:
        SweeperError: it was deleted.
    """
    return database.read(lambda session: _summary(session, _study_by_id(session, study_id)))


def stored_study(session: Session, study_id: int) -> StoredStudy:
    """Return the study with this id within a transaction."""
    return _stored(session.get_one(StudyRow, study_id))


def _insert_missing(session: Session, table: Any, key: dict[str, Any], rest: dict[str, Any]) -> int:
    """Insert a row unless its key is there, whoever else does so; return the row's id."""
    insert_missing(session, table, [{**key, **rest}])
    found: int = session.scalars(select(table.id).filter_by(**key)).one()
    return found


def _task_id(session: Session, record: TaskRecord) -> int:
    dataset = asdict(record.dataset)
    dataset_id = _insert_missing(
        session, DatasetRow, {"fingerprint": dataset.pop("fingerprint")}, dataset
    )
    key = {name: value for name, value in vars(record).items() if name != "dataset"}
    return _insert_missing(session, TaskRow, {"dataset_id": dataset_id, **key}, {})


def _one_study(session: Session, name: str) -> StoredStudy:
    row = session.scalars(select(StudyRow).filter_by(name=name)).one_or_none()
    if row is None or row.state == "deleted":
        there = select(StudyRow.name).where(StudyRow.state != "deleted")
        raise unknown("study", name, session.scalars(there))
    return _stored(row)


def _study_by_id(session: Session, study_id: int) -> StoredStudy:
    row = session.get(StudyRow, study_id)
    if row is None or row.state == "deleted":
        raise gone(study_id)
    return _stored(row)


def _stored(study: StudyRow) -> StoredStudy:
    task, dataset = study.task, study.task.dataset
    return StoredStudy(
        id=study.id,
        created=study.created,
        name=study.name,
        kind=study.kind,
        spec=study.spec,
        n_trials=study.n_trials,
        code_version=study.code_version,
        optuna_study_id=study.optuna_study_id,
        state=study.state,
        task=TaskRecord(
            net=task.net,
            embedding=task.embedding,
            epochs=task.epochs,
            batch_size=task.batch_size,
            hold_out=task.hold_out,
            split_seed=task.split_seed,
            split_fingerprint=task.split_fingerprint,
            protocol=task.protocol,
            dataset=DatasetRecord(
                name=dataset.name,
                source=dataset.source,
                fingerprint=dataset.fingerprint,
                samples=dataset.samples,
                num_classes=dataset.num_classes,
                input_shape=tuple(dataset.input_shape),
                class_names=tuple(dataset.class_names),
            ),
        ),
    )


def _summary(session: Session, study: StoredStudy) -> StudySummary:
    return StudySummary(
        study,
        count_trials(session, study.id),
        count_causes(session, study.id),
        optuna_tables.count_waiting(session, study.optuna_study_id),
        live=count_leases(session, study.id),
        controls=count_controls(session, study.id),
        epochs=count_epochs(session, study.id),
    )
