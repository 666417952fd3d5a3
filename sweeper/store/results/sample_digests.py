"""The samples that tests read, so that they are known again in another data set."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import SampleDigestsRow
from sweeper.store.database.upsert import insert_missing

_STORED = np.dtype("<u8")


def find_sample_digests(database: Database, fingerprint: str) -> NDArray[np.uint64] | None:
    """Return the digests that are stored for a test's fingerprint, uint64 ``[n]``, or None.

    Args:
        database: the database.
        fingerprint: see `sweeper.data.tested.tested_fingerprint`.
    """

    def action(session: Session) -> bytes | None:
        query = select(SampleDigestsRow.digests).filter_by(fingerprint=fingerprint)
        return session.scalars(query).one_or_none()

    stored = database.read(action)
    return None if stored is None else np.frombuffer(stored, _STORED).astype(np.uint64)


def record_sample_digests(
    database: Database, fingerprint: str, digests: NDArray[np.uint64]
) -> None:
    """Store the digests of what a test reads, uint64 ``[n]``; those that are there already stay."""
    row = {"fingerprint": fingerprint, "digests": digests.astype(_STORED).tobytes()}
    database.transact(lambda session: insert_missing(session, SampleDigestsRow, [row]))
