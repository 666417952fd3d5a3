"""The budget of a study: how many of its trials may still be reserved.

All leases count against it, and all finished trials, except lost and interrupted ones.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import LeaseRow
from sweeper.store.queue.counting import count_leases, count_trials, lock_study
from sweeper.store.queue.leases import new_lease
from sweeper.store.queue.worker_identity import WorkerIdentity


def reserve(
    database: Database,
    study_id: int,
    count: int,
    n_trials: int,
    worker: WorkerIdentity,
) -> list[int]:
    """Reserve up to `count` trials of the budget `n_trials`; return the ids of their leases.

    However many workers ask at once, counted trials and leases together never exceed the budget.
    Of a stopped study there is nothing to reserve.
    """
    # Chosen here, so that a repeated transaction can see whether its first attempt was committed.
    chosen = [secrets.randbits(62) for _ in range(count)]

    def action(session: Session) -> list[int]:
        state = lock_study(session, study_id)
        kept = session.scalars(select(LeaseRow.id).where(LeaseRow.id.in_(chosen))).all()
        if kept:
            return list(kept)
        if state == "stopped":
            return []
        trials = count_trials(session, study_id)
        used = trials["complete"] + trials["pruned"] + trials["failed"]
        free = n_trials - used - count_leases(session, study_id)
        reserved = chosen[: max(0, free)]
        for lease in reserved:
            session.add(new_lease(session, lease, study_id, worker, database.timing.lease))
        return reserved

    return database.transact(action)
