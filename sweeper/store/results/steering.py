"""Steering a study from anywhere: pausing, resuming and stopping it, renaming and deleting it."""

import shlex
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from sweeper.console import count
from sweeper.errors import BusyError, UsageError
from sweeper.registry.study_state import StudyState
from sweeper.store.database.database import Database
from sweeper.store.database.tables import Base, ConfirmationRow, LeaseRow, StudyRow, TrialRow
from sweeper.store.queue.checkpoints import drop_within
from sweeper.store.queue.counting import gone, lock_study
from sweeper.store.queue.leases import clock
from sweeper.store.results.confirmation_claims import reads_within, require_no_confirmation
from sweeper.store.results.records import StoredStudy


def set_state(database: Database, study_id: int, state: StudyState) -> None:
    """Let workers train for a study, wait, or leave; they look after each epoch."""
    database.transact(
        lambda session: session.execute(
            update(StudyRow)
            .where(StudyRow.id == study_id, StudyRow.state != "deleted")
            .values(state=state)
        )
    )


def study_states(database: Database, studies: Collection[StoredStudy]) -> dict[int, StudyState]:
    """Return the states of studies by id; one that was deleted is not among them.

    SQLite gives the id of a deleted study to the next one, which began at another time.
    """
    began = {study.id: study.created for study in studies}
    query = select(StudyRow.id, StudyRow.created, StudyRow.state).where(StudyRow.id.in_(began))
    rows = database.read(lambda session: session.execute(query).all())
    there = [row for row in rows if row.state != "deleted"]
    return {row.id: row.state for row in there if row.created == began[row.id]}


def rename_study(database: Database, study: StoredStudy, name: str, spec: str) -> None:
    """Give a study another name, in Optuna's tables and in ours, in one transaction.

    Args:
        database: where it is stored.
        study: as it is stored.
        name: its new one.
        spec: its study file under the new name, as JSON text.

    Raises:
        UsageError: another study has the name.
        BusyError: workers are on the study, or it is being confirmed; they would look for its old
            name.
        StudyGoneError: it was deleted in the meantime.
    """

    def action(session: Session) -> None:
        _lock(session, study)
        if session.scalar(select(StudyRow.name).filter_by(id=study.id)) == name:
            return  # by a try whose answer was lost
        _require_nobody(session, study, database.option)
        require_no_confirmation(session, study.id)
        taken = select(StudyRow.id).filter_by(name=name)
        in_optuna = "SELECT count(*) FROM studies WHERE study_name = :name"
        others = session.execute(text(in_optuna), {"name": name}).scalar_one()
        if session.scalar(taken) is not None or others:
            raise UsageError(f"there is a study {name!r} already; choose another name")
        renamed = update(StudyRow).where(StudyRow.id == study.id).values(name=name, spec=spec)
        session.execute(renamed)
        rename = "UPDATE studies SET study_name = :name WHERE study_id = :study"
        session.execute(text(rename), {"name": name, "study": study.optuna_study_id})

    database.transact(action)


def delete_study(database: Database, study: StoredStudy) -> set[Path]:
    """Delete a study with its trials, results, confirmation and exports, Optuna's study too.

    Before anything is deleted the study is stopped, so that nobody takes trials of it any more. Of
    one that has read test data a row stays that says so, under another name: who confirms a study
    on the same data must hear of it.

    Args:
        database: where it is stored.
        study: as it is stored.

    Returns:
        The files of its checkpoints; the caller must delete them.

    Raises:
        BusyError: workers are on the study, or it is being confirmed.
        StudyGoneError: it was deleted in the meantime.
    """

    def stop(session: Session) -> None:
        _lock(session, study)
        _require_nobody(session, study, database.option)
        require_no_confirmation(session, study.id)
        session.execute(update(StudyRow).where(StudyRow.id == study.id).values(state="stopped"))

    database.transact(stop)
    # First Optuna's: should it end in between, what is left here can be deleted again.
    with suppress(KeyError):  # gone already
        database.retry(lambda: database.optuna_storage.delete_study(study.optuna_study_id))
    trials = select(TrialRow.id).filter_by(study_id=study.id)
    files: set[Path] = set()

    def action(session: Session) -> None:
        row = session.get(StudyRow, study.id)
        if row is None or row.state == "deleted" or row.created != study.created:
            return  # by a try whose answer was lost
        lock_study(session, study.id)
        read = reads_within(session).get(study.id)
        for table in reversed(Base.metadata.sorted_tables):  # what refers to others first
            if "trial_id" in table.c:
                session.execute(delete(table).where(table.c.trial_id.in_(trials)))
            elif "study_id" in table.c:
                session.execute(delete(table).where(table.c.study_id == study.id))
        if read is None:
            session.execute(delete(StudyRow).filter_by(id=study.id))
        else:
            row.state = "deleted"
            row.name = f"{study.name} (no. {study.id}, deleted {clock(session):%Y-%m-%d})"
            session.add(ConfirmationRow(study_id=study.id, seeds=0, begun=read, test_read=read))
        # With the study: SQLite gives its id, which their labels begin with, to the next one.
        files.update(drop_within(session, start=f"{study.id}/"))

    database.transact(action)
    return files


def _lock(session: Session, study: StoredStudy) -> None:
    """Lock a study, see `lock_study`; SQLite may have given its id to another one meanwhile."""
    lock_study(session, study.id)
    if session.scalar(select(StudyRow.created).filter_by(id=study.id)) != study.created:
        raise gone(study.id)


def _require_nobody(session: Session, study: StoredStudy, option: str) -> None:
    workers = session.scalars(select(LeaseRow.worker).filter_by(study_id=study.id).distinct()).all()
    if workers:
        stop = f"sweeper stop {shlex.quote(study.name)}{option}"
        raise BusyError(
            f"study {study.name!r} is being trained by {count(len(workers), 'worker')}",
            f"first run `{stop}`, and wait until `sweeper workers{option}` shows none of it",
        )
