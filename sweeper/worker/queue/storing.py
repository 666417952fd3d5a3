"""Storing the result of a trial: in our tables, then in Optuna's."""

import optuna

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.store import TrialRecord, is_transient
from sweeper.study.open_study import OpenStudy
from sweeper.worker.queue import spool
from sweeper.worker.queue.optuna_sync import sync_to_optuna


def store_result(
    opened: OpenStudy, study: optuna.Study, record: TrialRecord, lease: int | None
) -> bool:
    """Store what came out of a trial or a control, and end its lease.

    Where the database is out of reach it is kept in a file of this machine, see `spool`, until it
    is stored.

    Returns:
        False where this worker was taken for lost meanwhile: then its result is dropped.
    """
    database, study_id, split = opened.database, opened.stored.id, opened.stored.split

    def record_it() -> bool:
        return store.record_trial(database, study_id, record, split, lease)

    try:
        with database.timeout(0):
            stored = record_it()
    except SweeperError as error:
        if lease is None or not is_transient(error):
            raise
        with spool.kept(opened, record, lease):
            stored = record_it()
    if not stored:
        return False
    if record.number is not None:
        sync_to_optuna(opened, study, record)
    return True
