"""A file of SQLite is worked on from one machine alone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.store.database.database import Database
from sweeper.store.database.tables import LeaseRow
from sweeper.store.queue.leases import Lease, clock, is_stale, lease_of


def require_one_machine(database: Database) -> None:
    """See to it that nobody on another machine works on a database that is a file of SQLite.

    Containers of one machine may share it: their kernel is one, and so is what it keeps in memory
    of the file. Workers that begin at one moment on two machines do not see each other yet.

    Raises:
        SweeperError: a lease that has not run out is held by a process of another machine.
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
                f"{database.name}: a worker on {host}, another machine, is at work on it, and "
                "SQLite is damaged where two machines write to one file; use PostgreSQL for "
                f"several machines, or wait until {lease.until:%H:%M} UTC if that worker is gone"
            )
