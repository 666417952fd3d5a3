"""Trials that are over: stored whole or not at all, and read back."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.registry.setting import FIELDS, Setting
from sweeper.store.database.column_types import SplitName
from sweeper.store.database.database import Database
from sweeper.store.database.tables import (
    Base,
    ClassCurveRow,
    ClassRow,
    ConfusionRow,
    CurveRow,
    ResultRow,
    StudyRow,
    TrialRow,
)
from sweeper.store.queue.causes import is_retryable
from sweeper.store.queue.counting import lock_study
from sweeper.store.queue.leases import end_leases
from sweeper.store.results.records import SeedRecord, TrialRecord, measured_split
from sweeper.store.results.seeds import read_seeds

T = TypeVar("T")

_TABLES = (ResultRow, CurveRow, ClassRow, ClassCurveRow, ConfusionRow)


def record_trial(
    database: Database,
    study_id: int,
    record: TrialRecord,
    split: SplitName,
    lease: int | None = None,
) -> bool:
    """Store a trial with all its seeds, and end its lease, in one transaction.

    Repeating it changes nothing. A control that ended for a cause that does not count is replaced.

    Args:
        database: where to store it.
        study_id: the study it belongs to.
        record: the trial or control.
        split: what its values and its measures per class were measured on.
        lease: the lease it was trained under.

    Returns:
        Whether the database now says what the record says. If not, the worker was taken for lost:
        its lease has ended, or the trial has been recorded as lost, and nothing was stored.

    Raises:
        SweeperError: another setting is stored under this number.
    """

    def action(session: Session) -> bool:
        lock_study(session, study_id)
        stored = _stored(session, study_id, record)
        if stored is not None and record.control is not None and is_retryable(stored.cause):
            _remove(session, stored)
            stored = None
        held = end_leases(session, [lease]) if lease is not None else 1
        if stored is not None:
            return _agree(stored, record)
        if not held:
            return False
        _insert(session, study_id, record, split)
        return True

    return database.transact(action)


def load_trials(
    database: Database,
    study_id: int,
    split: SplitName | None = None,
    numbers: Collection[int] | None = None,
    values_alone: bool = False,
) -> list[TrialRecord]:
    """Return the trials of a study by number, then its controls by name.

    Args:
        database: where they are stored.
        study_id: whose trials.
        split: which values and measures per class to read, unless given the study's own split.
        numbers: the trials to return, and no controls, unless given all that there are.
        values_alone: leaves curves, measures per class and matrices out, which take most of the
            time.
    """
    mine = TrialRow.study_id == study_id
    if numbers is not None:
        mine &= TrialRow.number.in_(numbers)

    def action(session: Session) -> list[TrialRecord]:
        query = select(TrialRow).where(mine).order_by(TrialRow.number, TrialRow.control)
        measured = split or study_split(session, study_id)
        seeds = read_seeds(session, mine, measured, values_alone)
        rows = session.scalars(query).all()
        return [_record(row, tuple(seeds.get(row.id, {}).values())) for row in rows]

    records = database.read(action)
    return sorted(records, key=lambda record: record.number is None)  # databases differ on NULLs


def study_split(session: Session, study_id: int) -> SplitName:
    """Return the split that a study's trials are measured on."""
    kind = session.scalars(select(StudyRow.kind).filter_by(id=study_id)).one()
    return measured_split(kind)


def _stored(session: Session, study_id: int, record: TrialRecord) -> TrialRow | None:
    key = {"study_id": study_id, "number": record.number, "control": record.control}
    return session.scalars(select(TrialRow).filter_by(**key)).one_or_none()


def _setting(row: TrialRow) -> Setting:
    return Setting(**{name: getattr(row, name) for name in (*FIELDS, "options")})


def _agree(row: TrialRow, record: TrialRecord) -> bool:
    if _setting(row) != record.setting:
        raise SweeperError(
            f"another {record.control or f'trial {record.number}'} is stored for this study; "
            "was the study deleted in the dashboard? start a new one with --study-name"
        )
    return (row.state, row.cause) == (record.state, record.cause)


def _remove(session: Session, row: TrialRow) -> None:
    for table in _TABLES:
        session.execute(delete(table).where(table.trial_id == row.id))
    session.delete(row)
    session.flush()


def _insert(session: Session, study_id: int, record: TrialRecord, split: SplitName) -> None:
    row = TrialRow(
        study_id=study_id,
        number=record.number,
        control=record.control,
        state=record.state,
        cause=record.cause,
        epochs=record.epochs,
        seconds=record.seconds,
        device=record.device,
        **vars(record.setting),
    )
    session.add(row)
    session.flush()
    rows: dict[type[Base], list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for one in record.seeds:
        key: dict[str, Any] = {"trial_id": row.id, "seed": one.seed}
        measured = {**key, "split": split}
        rows[ResultRow] += [
            {**measured, "measure": measure, "value": value}
            for measure, value in one.values.items()
        ]
        rows[ClassRow] += [
            {
                **measured,
                "class_index": of.index,
                "recall": of.recall,
                "spread": of.spread,
                "plain_spread": of.plain_spread,
            }
            for of in one.classes
        ]
        for of in one.curve:
            at = {**key, "epoch": of.epoch}
            rows[CurveRow].append({**at, "train_loss": of.train_loss, "accuracy": of.accuracy})
            rows[ClassCurveRow] += [
                {**at, "name": name, "class_index": index, "value": value}
                for name, values in of.class_values.items()
                for index, value in enumerate(values)
            ]
        if one.confusion:
            rows[ConfusionRow].append({**measured, "counts": [list(c) for c in one.confusion]})
    connection = session.connection()  # past the ORM, which takes as long as all the rest
    for table, own in rows.items():
        if own:
            connection.execute(insert(table), own)


def _record(row: TrialRow, seeds: tuple[SeedRecord, ...]) -> TrialRecord:
    return TrialRecord(
        setting=_setting(row),
        state=row.state,
        number=row.number,
        control=row.control,
        cause=row.cause,
        epochs=row.epochs,
        seconds=row.seconds,
        device=row.device,
        seeds=seeds,
    )
