"""Leases: which worker trains which trial. They keep the budget exact and reveal lost workers.

A lease counts against the `budget` until it is released or its trial is recorded, even after it has
expired: only ending it makes sure that no result will arrive under it. A worker whose lease was
ended can no longer record anything under it.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import ConfirmationRow, LeaseRow, TrialRow
from sweeper.store.queue.causes import is_retryable
from sweeper.store.queue.counting import lock_study
from sweeper.store.queue.worker_identity import WorkerIdentity


@dataclass(frozen=True)
class Lease:
    """A worker's claim on a trial or a control; a trial gets its number after the lease.

    The first `start` of its `epochs` were trained before the checkpoint it resumed from.
    """

    id: int
    study_id: int
    number: int | None
    control: str | None
    worker: WorkerIdentity
    since: datetime
    until: datetime
    epochs: int
    start: int


def claim_control(
    database: Database,
    study_id: int,
    control: str,
    worker: WorkerIdentity,
) -> int | None:
    """Claim a control, outside the budget; return its lease, None if it is done or held elsewhere.

    The lease of a lost worker is taken over. A control that ended for a retryable cause is not
    done. Of a stopped study there is none to claim.
    """
    chosen = secrets.randbits(62)

    def action(session: Session) -> int | None:
        state = lock_study(session, study_id)
        cause = select(TrialRow.cause).filter_by(study_id=study_id, control=control)
        done = session.execute(cause).one_or_none()
        if done is not None and not is_retryable(done.cause):
            return None
        held = session.scalars(
            select(LeaseRow).filter_by(study_id=study_id, control=control)
        ).one_or_none()
        if held is not None:
            if held.id == chosen:
                return chosen
            lost = is_stale(lease_of(held), clock(session))
            if not lost or not (lease_of(held).worker.is_dead() or database.is_settled()):
                return None
            session.delete(held)
            session.flush()
        if state == "stopped":
            return None
        row = new_lease(session, chosen, study_id, worker, database.timing.lease)
        row.control = control
        session.add(row)
        return chosen

    return database.transact(action)


def assign(database: Database, lease: int, number: int) -> bool:
    """Record the trial number of a lease; return whether the lease is still held."""
    change = update(LeaseRow).where(LeaseRow.id == lease).values(number=number)
    return database.execute(change).rowcount == 1


def renew(database: Database, worker: WorkerIdentity) -> set[int]:
    """Renew all leases of a worker; return the ids of those that it still holds.

    A confirmation that it has claimed is renewed, too.
    """

    def action(session: Session) -> set[int]:
        until = clock(session) + timedelta(seconds=database.timing.lease)
        confirms = (ConfirmationRow.worker == worker.name) & ConfirmationRow.finished.is_(None)
        session.execute(update(ConfirmationRow).where(confirms).values(until=until))
        change = update(LeaseRow).where(LeaseRow.worker == worker.name).values(until=until)
        return set(session.scalars(change.returning(LeaseRow.id)))

    return database.transact(action)


def note_epochs(database: Database, leases: Collection[int], epochs: int, start: int = 0) -> None:
    """Record how many epochs the trials under these leases have been trained, see `Lease`."""
    change = update(LeaseRow).where(LeaseRow.id.in_(leases)).values(epochs=epochs, start=start)
    database.execute(change)


def take_over(
    database: Database, study_id: int, lease: int, worker: WorkerIdentity, stale_alone: bool
) -> int | None:
    """Take over a lease under a new id; nothing can be stored under the old id any more.

    Args:
        database: the database.
        study_id: the study of the lease.
        lease: its id.
        worker: the worker that takes it over.
        stale_alone: whether to do so only if its worker is lost.

    Returns:
        The new id, None if the lease has ended or its worker is alive after all.
    """
    chosen = secrets.randbits(62)

    def action(session: Session) -> int | None:
        lock_study(session, study_id)
        if session.get(LeaseRow, chosen) is not None:
            return chosen  # committed by an earlier attempt whose answer was lost
        row = session.get(LeaseRow, lease)
        now = clock(session)
        if row is None or (stale_alone and not is_stale(lease_of(row), now)):
            return None
        owner = {"id": chosen, "worker": worker.name, "host": worker.host, "pid": worker.pid}
        until = now + timedelta(seconds=database.timing.lease)
        session.execute(update(LeaseRow).where(LeaseRow.id == lease).values(**owner, until=until))
        return chosen

    return database.transact(action)


def now(database: Database) -> datetime:
    """Return the UTC time of the clock that leases use."""
    return database.read(clock)


def release(database: Database, *leases: int) -> None:
    """Release leases; those that have already ended are skipped."""
    database.transact(lambda session: end_leases(session, leases))


def end_leases(session: Session, leases: Collection[int]) -> int:
    """Delete leases within a transaction; return how many of them were held."""
    ended = delete(LeaseRow).where(LeaseRow.id.in_(leases))
    return session.connection().execute(ended).rowcount


def held(database: Database, study_id: int) -> list[Lease]:
    """Return all leases of a study, oldest first."""
    return database.read(lambda session: _leases(session, study_id))


def expired(database: Database, study_id: int, now: datetime | None = None) -> list[Lease]:
    """Return the leases of lost workers: expired ones, and those of dead processes of this machine.

    Args:
        database: the database.
        study_id: the study of the leases.
        now: the time to compare with; by default the database's clock.
    """

    def action(session: Session) -> list[Lease]:
        moment = now or clock(session)
        return [lease for lease in _leases(session, study_id) if is_stale(lease, moment)]

    return database.read(action)


def clock(session: Session) -> datetime:
    """Return the UTC time of the clock that all workers share, the database server's."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def new_lease(
    session: Session, lease: int, study_id: int, worker: WorkerIdentity, seconds: float
) -> LeaseRow:
    """Return the row of a lease that begins now, of a trial without a number yet."""
    now = clock(session)
    return LeaseRow(
        id=lease,
        study_id=study_id,
        worker=worker.name,
        host=worker.host,
        pid=worker.pid,
        device=worker.device,
        since=now,
        until=now + timedelta(seconds=seconds),
    )


def _leases(session: Session, study_id: int) -> list[Lease]:
    rows = session.scalars(select(LeaseRow).filter_by(study_id=study_id).order_by(LeaseRow.since))
    return [lease_of(row) for row in rows]


def lease_of(row: LeaseRow) -> Lease:
    """Return the lease stored in a row."""
    worker = WorkerIdentity(row.worker, row.host, row.pid, row.device)
    return Lease(
        row.id,
        row.study_id,
        row.number,
        row.control,
        worker,
        row.since,
        row.until,
        row.epochs,
        row.start,
    )


def is_stale(lease: Lease, now: datetime) -> bool:
    """Return whether its worker is lost: it has expired, or its process on this machine is dead."""
    return lease.until < now or lease.worker.is_dead()
