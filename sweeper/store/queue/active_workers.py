"""Who works at this moment, on all studies of a database, as the leases tell it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import LeaseRow, StudyRow
from sweeper.store.queue.leases import Lease, clock, is_stale, lease_of
from sweeper.store.queue.worker_identity import WorkerIdentity


@dataclass(frozen=True)
class AtWork:
    """A worker and what it holds.

    Attributes:
        worker: who, and where.
        study: name of the study that it works on.
        leases: of its trials and controls, the oldest first; at least one.
        seen: when it took or renewed them last.
        is_lost: its time has run out, or it is a process of this machine that is gone.
        now: the moment of all this, by the clock that set the times of the leases.
    """

    worker: WorkerIdentity
    study: str
    leases: list[Lease]
    seen: datetime
    is_lost: bool
    now: datetime

    @property
    def since(self) -> datetime:
        """When it took the oldest of its leases."""
        return self.leases[0].since

    @property
    def seconds(self) -> float:
        """How long it has had the oldest of its leases."""
        return (self.now - self.since).total_seconds()

    @property
    def unseen(self) -> float:
        """Seconds since it took or renewed its leases last."""
        return (self.now - self.seen).total_seconds()

    @property
    def epochs_per_second(self) -> float:
        """Epochs of a trial, with all of its seeds, a second: of all trials trained together."""
        epochs = sum(lease.epochs - lease.start for lease in self.leases)
        return epochs / self.seconds if self.seconds > 0 else 0.0


def at_work(database: Database) -> list[AtWork]:
    """Return everybody who holds a lease, those of one study together, by name.

    A worker that has just handed in its trials and takes others holds none for a moment.
    """

    def action(session: Session) -> list[AtWork]:
        now = clock(session)
        query = (
            select(StudyRow.name, LeaseRow)
            .join(StudyRow, StudyRow.id == LeaseRow.study_id)
            .order_by(StudyRow.name, LeaseRow.worker, LeaseRow.since, LeaseRow.number)
        )
        found = [(study, lease_of(row)) for study, row in session.execute(query)]
        return [
            _at_work(study, [lease for _, lease in group], now, database.timing.lease)
            for (study, _), group in groupby(found, lambda one: (one[0], one[1].worker.name))
        ]

    return database.read(action)


def _at_work(study: str, leases: list[Lease], now: datetime, seconds: float) -> AtWork:
    seen = max(lease.until for lease in leases) - timedelta(seconds=seconds)
    is_lost = any(is_stale(lease, now) for lease in leases)
    return AtWork(leases[0].worker, study, leases, seen, is_lost, now)
