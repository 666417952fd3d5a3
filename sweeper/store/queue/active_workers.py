"""The active workers on all studies of a database, according to their leases."""

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
class ActiveWorker:
    """A worker and its leases.

    Attributes:
        worker: its identity.
        study: name of its study.
        leases: of its trials and controls, oldest first; at least one.
        seen: when it last took or renewed them.
        is_lost: whether its leases have expired, or it is a dead process of this machine.
        now: the time of this snapshot, by the clock that set the times of the leases.
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
        """Seconds since it took the oldest of its leases."""
        return (self.now - self.since).total_seconds()

    @property
    def unseen(self) -> float:
        """Seconds since it last took or renewed its leases."""
        return (self.now - self.seen).total_seconds()

    @property
    def epochs_per_second(self) -> float:
        """Epochs of a trial (with all its seeds) per second, over all trials trained together."""
        epochs = sum(lease.epochs - lease.start for lease in self.leases)
        return epochs / self.seconds if self.seconds > 0 else 0.0


def active_workers(database: Database) -> list[ActiveWorker]:
    """Return all workers that hold a lease, sorted by study and name.

    A worker that has just stored its trials and is claiming others briefly holds none.
    """

    def action(session: Session) -> list[ActiveWorker]:
        now = clock(session)
        query = (
            select(StudyRow.name, LeaseRow)
            .join(StudyRow, StudyRow.id == LeaseRow.study_id)
            .order_by(StudyRow.name, LeaseRow.worker, LeaseRow.since, LeaseRow.number)
        )
        leases = [(study, lease_of(row)) for study, row in session.execute(query)]
        return [
            _active_worker(study, [lease for _, lease in group], now, database.timing.lease)
            for (study, _), group in groupby(leases, lambda one: (one[0], one[1].worker.name))
        ]

    return database.read(action)


def _active_worker(study: str, leases: list[Lease], now: datetime, seconds: float) -> ActiveWorker:
    seen = max(lease.until for lease in leases) - timedelta(seconds=seconds)
    is_lost = any(is_stale(lease, now) for lease in leases)
    return ActiveWorker(leases[0].worker, study, leases, seen, is_lost, now)
