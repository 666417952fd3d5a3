"""Ensures that an SQLite file is used from one machine only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.store.database.database import Database
from sweeper.store.database.tables import LeaseRow
from sweeper.store.queue.leases import Lease, clock, is_stale, lease_of


def require_one_machine(database: Database) -> None:
    """Ensure that no worker on another machine uses a database that is an SQLite file.

    Containers of one machine may share it, because they share a kernel and its memory. Workers that
    start at the same moment on two machines do not see each other yet.

    Raises:
        SweeperError: a process on another machine holds a lease that has not expired.
    """
    if database.engine.dialect.name != "sqlite":
        return

    def action(session: Session) -> list[Lease]:
        now = clock(session)
        leases = map(lease_of, session.scalars(select(LeaseRow).order_by(LeaseRow.until)))
        return [lease for lease in leases if not is_stale(lease, now)]

    for lease in database.read(action):
        if lease.worker.is_on_another_machine():
            host = lease.worker.host.partition("/")[0]
            raise SweeperError(
                f"{database.name}: a worker on {host}, another machine, is at work on it, and two "
                "machines that write to one SQLite file damage it; use PostgreSQL for several "
                f"machines, or wait until {lease.until:%H:%M} UTC if that worker is gone"
            )
