"""Putting right what workers left behind that are gone."""

import optuna
from optuna.trial import TrialState

from sweeper import store
from sweeper.search.claims import RETRY_OF, announce, requeue
from sweeper.search.open_study import OpenStudy
from sweeper.store import GIVEN_UP, LOST, TrialRecord

#: Workers that a trial may take with it: what kills the third, memory or a fault of a driver, would
#: kill all that follow.
MOST_LOSSES = 3


def recover(opened: OpenStudy, study: optuna.Study) -> int:
    """Let the trials of lost workers be trained again, and end those that Optuna alone holds open.

    Any number of workers may do so at once, and any of them may die half-way: each step leaves what
    the next caller needs to go on.

    Returns:
        How many trials were lost.
    """
    database, study_id = opened.database, opened.stored.id
    lost = set()
    for lease in store.expired(database, study_id):
        if lease.number is None:
            store.release(database, lease.id)
        else:
            _lose(opened, study, lease.number, lease.id)
            lost.add(lease.number)
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    held = store.held(database, study_id)
    numbers = {lease.number for lease in held}
    left = {trial.number for trial in running} - numbers
    if not left:
        return len(lost)
    ended = store.load_trials(database, study_id, numbers=left)
    stored = {record.number: record for record in ended}
    # A worker that has a lease without a number is about to ask, or has asked a moment ago.
    asking = any(lease.number is None and lease.control is None for lease in held)
    for number in left:
        if number in stored:
            announce(opened, study, stored[number])
        elif not asking:
            _lose(opened, study, number, None)
            lost.add(number)
    return len(lost)


def _lose(opened: OpenStudy, study: optuna.Study, number: int, lease: int | None) -> None:
    """Queue a copy of a trial, store that it was lost, and tell Optuna, in this order.

    One that was lost too often is given up: it counts as tried, and there is no copy.
    """
    given_up = _losses_before(study, number) + 1 >= MOST_LOSSES
    if not given_up:
        requeue(opened, study, number)
    setting = opened.setting(study.get_trials(deepcopy=False)[number])
    cause = f"{GIVEN_UP}: lost with {MOST_LOSSES} workers" if given_up else LOST
    record = TrialRecord(setting, "failed", number=number, cause=cause)
    if store.record_trial(
        opened.database, opened.stored.id, record, opened.stored.split, lease=lease
    ):
        announce(opened, study, record)


def _losses_before(study: optuna.Study, number: int) -> int:
    """Return how many of the trials that this one repeats were lost with their workers."""
    trials, lost = study.get_trials(deepcopy=False), 0
    while (number := trials[number].user_attrs.get(RETRY_OF, -1)) >= 0:
        lost += trials[number].user_attrs.get("cause") == LOST
    return lost
