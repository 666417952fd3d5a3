"""Putting right what workers left behind that are gone."""

import logging
from contextlib import suppress

import optuna
from optuna.trial import TrialState

from sweeper import store
from sweeper.store import KILLED, LOST, TrialRecord, WorkerIdentity, is_retryable
from sweeper.study.open_study import OpenStudy
from sweeper.worker.queue import spool
from sweeper.worker.queue.optuna_sync import sync_to_optuna
from sweeper.worker.queue.repeating import repeat
from sweeper.worker.queue.storing import store_result

logger = logging.getLogger(__name__)


def recover(opened: OpenStudy, study: optuna.Study) -> int:
    """Let the trials of lost workers be trained again, and end those that Optuna alone holds open.

    Results that wait on this machine are stored first. Any number of workers may do so at once, and
    any of them may die half-way: each step leaves what the next caller needs to go on.

    Returns:
        How many trials were lost.
    """
    hand_in_spooled(opened, study)
    lost = _recover_leases(opened, study)
    return len(lost | _recover_running(opened, study))


def _recover_leases(opened: OpenStudy, study: optuna.Study) -> set[int]:
    """Have the trials under leases of lost workers repeated; return their numbers."""
    lost = set()
    for lease in store.expired(opened.database, opened.stored.id):
        dead = lease.worker.is_dead()
        if not dead and not opened.database.is_settled():
            continue  # its worker waits for the database as this one did, and will renew it
        if lease.number is None:
            store.release(opened.database, lease.id)
        elif _lose(opened, study, lease.number, lease.worker if dead else None, lease.id):
            lost.add(lease.number)
    return lost


def _recover_running(opened: OpenStudy, study: optuna.Study) -> set[int]:
    """End the trials that Optuna alone holds open; return the numbers of those that were lost."""
    database, study_id = opened.database, opened.stored.id
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    held = store.held(database, study_id)
    left = {trial.number for trial in running} - {lease.number for lease in held}
    if not left:
        return set()
    ended = store.load_trials(database, study_id, numbers=left, values_alone=True)
    stored = {record.number: record for record in ended}
    # A worker that has a lease without a number is about to ask, or has asked a moment ago.
    asking = any(lease.number is None and lease.control is None for lease in held)
    lost = set()
    for number in left:
        if number in stored:
            sync_to_optuna(opened, study, stored[number])
        elif not asking:
            _lose(opened, study, number, None, None)
            lost.add(number)
    return lost


def hand_in_spooled(opened: OpenStudy, study: optuna.Study) -> None:
    """Store the results of a study that wait in this machine's files, see `spool`."""
    for waiting in spool.waiting(opened):
        record, lease = waiting.record, waiting.lease
        again = is_retryable(record.cause) and record.number is not None
        if (repeat if again else store_result)(opened, study, record, lease):
            logger.warning("a result that waited for the database is stored")
        else:
            logger.warning("a result that waited for the database came too late and is dropped")
        with suppress(OSError):  # somebody else's, who deletes it
            waiting.file.unlink(missing_ok=True)


def _lose(
    opened: OpenStudy,
    study: optuna.Study,
    number: int,
    dead: WorkerIdentity | None,
    lease: int | None,
) -> bool:
    """Have a trial repeated whose worker is gone, `dead` where its process is known to be."""
    setting = opened.setting(study.get_trials(deepcopy=False)[number])
    cause = LOST if dead is None else f"{KILLED}: process {dead.pid} of {dead.machine}"
    record = TrialRecord(setting, "failed", number=number, cause=cause)
    return repeat(opened, study, record, lease, only_if_lost=True)
