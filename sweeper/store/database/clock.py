"""A worker's own clock beside the database server's, by which leases go."""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.queue.leases import clock

logger = logging.getLogger(__name__)

#: How far off a clock may be: nobody minds so much in the times that are shown.
_TOLERATED = timedelta(minutes=1)


def ahead(database: Database) -> timedelta:
    """Return how far the clock of this machine is ahead of the database's; negative if behind.

    Exact to half the time that the database takes to answer. Of SQLite, which has no clock of its
    own, nothing.
    """

    def action(session: Session) -> timedelta:
        before = datetime.now(UTC)
        theirs = clock(session)
        return before + (datetime.now(UTC) - before) / 2 - theirs

    return database.read(action)


def warn_if_off(database: Database) -> None:
    """Log a warning where the clock of this machine is over a minute off the database server's."""
    by = ahead(database)
    if abs(by) > _TOLERATED:
        logger.warning(
            "the clock of this machine is %s %s that of the database server; leases go by the "
            "server's, so only the times that are shown are off: set the clock, with NTP for one "
            "(timedatectl set-ntp true)",
            _length(abs(by)),
            "ahead of" if by > timedelta(0) else "behind",
        )


def _length(time: timedelta) -> str:
    minutes = time / timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"
