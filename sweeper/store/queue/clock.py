"""Compares a worker's clock with the database server's, which leases use."""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.queue.leases import clock

logger = logging.getLogger(__name__)

#: Tolerated difference: it is harmless in the times that are shown.
_TOLERATED = timedelta(minutes=1)


def ahead(database: Database) -> timedelta:
    """Return how far the clock of this machine is ahead of the database's; negative if behind.

    Accurate to half the response time of the database. Zero for SQLite, which has no clock of its
    own.
    """

    def action(session: Session) -> timedelta:
        before = datetime.now(UTC)
        theirs = clock(session)
        return before + (datetime.now(UTC) - before) / 2 - theirs

    return database.read(action)


def warn_if_off(database: Database) -> None:
    """Log a warning if this machine's clock is off by more than a minute."""
    by = ahead(database)
    if abs(by) > _TOLERATED:
        logger.warning(
            "the clock of this machine is %s %s that of the database server; leases use the "
            "server's clock, so only the times that are shown are wrong: set the clock, for "
            "example with NTP (timedatectl set-ntp true)",
            _length(abs(by)),
            "ahead of" if by > timedelta(0) else "behind",
        )


def _length(time: timedelta) -> str:
    minutes = time / timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"
