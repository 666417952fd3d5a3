"""Trials that are over: stored whole or not at all, and read back."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.setting import Setting
from sweeper.store.database import Database
from sweeper.store.leases import end_leases
from sweeper.store.records import (
    UNCOUNTED,
    ClassRecord,
    EpochRecord,
    SeedRecord,
    Split,
    TrialRecord,
    measured_split,
)
from sweeper.store.studies import lock_study
from sweeper.store.tables import ClassRow, CurveRow, ResultRow, StudyRow, TrialRow

T = TypeVar("T")

_PARTS = (ResultRow, CurveRow, ClassRow)


def record_trial(
    database: Database,
    study_id: int,
    record: TrialRecord,
    split: Split,
    lease: int | None = None,
) -> bool:
    """Store a trial with all its seeds, and end its lease, in one transaction.

    Repeating it changes nothing. A control that was lost or interrupted is replaced.

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
        if stored is not None and record.control is not None and stored.cause in UNCOUNTED:
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
    split: Split | None = None,
    numbers: Collection[int] | None = None,
) -> list[TrialRecord]:
    """Return the trials of a study by number, then its controls by name.

    Args:
        database: where they are stored.
        study_id: whose trials.
        split: which values and measures per class to read, unless given the study's own split.
        numbers: the trials to return, and no controls, unless given all that there are.
    """
    mine = TrialRow.study_id == study_id
    if numbers is not None:
        mine &= TrialRow.number.in_(numbers)

    def action(session: Session) -> list[TrialRecord]:
        query = select(TrialRow).where(mine).order_by(TrialRow.number, TrialRow.control)
        seeds = _seeds(session, mine, split or study_split(session, study_id))
        rows = session.scalars(query).all()
        return [_record(row, tuple(seeds.get(row.id, {}).values())) for row in rows]

    records = database.read(action)
    return sorted(records, key=lambda record: record.number is None)  # databases differ on NULLs


def study_split(session: Session, study_id: int) -> Split:
    """Return the split that a study's trials are measured on."""
    kind = session.scalars(select(StudyRow.kind).filter_by(id=study_id)).one()
    return measured_split(kind)


def _stored(session: Session, study_id: int, record: TrialRecord) -> TrialRow | None:
    key = {"study_id": study_id, "number": record.number, "control": record.control}
    return session.scalars(select(TrialRow).filter_by(**key)).one_or_none()


def _setting(row: TrialRow) -> Setting:
    return Setting(row.loss, row.m1, row.m2, row.m3, row.scale, row.lr, row.weight_decay)


def _agree(row: TrialRow, record: TrialRecord) -> bool:
    if _setting(row) != record.setting:
        raise SweeperError(
            f"another {record.control or f'trial {record.number}'} is stored for this study; "
            "was the study deleted in the dashboard? start a new one with --study-name"
        )
    return (row.state, row.cause) == (record.state, record.cause)


def _remove(session: Session, row: TrialRow) -> None:
    for part in _PARTS:
        session.execute(delete(part).where(part.trial_id == row.id))
    session.delete(row)
    session.flush()


def _insert(session: Session, study_id: int, record: TrialRecord, split: Split) -> None:
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
    results, curves, classes = [], [], []
    for one in record.seeds:
        key: dict[str, Any] = {"trial_id": row.id, "seed": one.seed}
        results += [
            {**key, "split": split, "measure": measure, "value": value}
            for measure, value in one.values.items()
        ]
        curves += [{**key, **vars(epoch)} for epoch in one.curve]
        classes += [
            {
                **key,
                "split": split,
                "class_index": of.index,
                "recall": of.recall,
                "spread": of.spread,
            }
            for of in one.classes
        ]
    for part, rows in zip(_PARTS, (results, curves, classes), strict=True):
        if rows:
            session.execute(insert(part), rows)


def _seeds(
    session: Session, mine: ColumnElement[bool], split: Split
) -> dict[int, dict[int, SeedRecord]]:
    """Return what was measured of the chosen trials, by their row and the seed; seeds ascend."""
    values: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    curves: dict[tuple[int, int], list[EpochRecord]] = defaultdict(list)
    classes: dict[tuple[int, int], list[ClassRecord]] = defaultdict(list)
    result, curve, of = ResultRow, CurveRow, ClassRow
    for trial, seed, measure, value in session.execute(
        select(result.trial_id, result.seed, result.measure, result.value)
        .join(TrialRow, TrialRow.id == result.trial_id)
        .where(mine, result.split == split)
        .order_by(result.measure)
    ):
        values[trial, seed][measure] = value
    for trial, seed, epoch, loss, accuracy in session.execute(
        select(curve.trial_id, curve.seed, curve.epoch, curve.train_loss, curve.accuracy)
        .join(TrialRow, TrialRow.id == curve.trial_id)
        .where(mine)
        .order_by(curve.epoch)
    ):
        curves[trial, seed].append(EpochRecord(epoch, loss, accuracy))
    for trial, seed, index, recall, spread in session.execute(
        select(of.trial_id, of.seed, of.class_index, of.recall, of.spread)
        .join(TrialRow, TrialRow.id == of.trial_id)
        .where(mine, of.split == split)
        .order_by(of.class_index)
    ):
        classes[trial, seed].append(ClassRecord(index, recall, spread))
    seeds: dict[int, dict[int, SeedRecord]] = defaultdict(dict)
    for key in sorted(values.keys() | curves.keys() | classes.keys()):
        trial, seed = key
        seeds[trial][seed] = SeedRecord(
            seed, values.get(key, {}), tuple(curves.get(key, ())), tuple(classes.get(key, ()))
        )
    return seeds


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
