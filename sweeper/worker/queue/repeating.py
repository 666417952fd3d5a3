"""Repeating a trial that failed: a copy is queued, unless the trial is given up."""

from dataclasses import replace
from functools import partial
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from sweeper import store
from sweeper.store import GIVEN_UP, SUSPECT_CAUSES, TrialRecord, WorkerIdentity
from sweeper.study.distributions import parameters
from sweeper.study.open_study import SETTING, OpenStudy
from sweeper.study.samplers.grid import UnstoppingGridSampler
from sweeper.study.trial_attributes import PROPOSED_BY
from sweeper.worker.queue.storing import store_result

#: The attributes that name the trial that this one repeats, and the first one of them all.
RETRY_OF, ORIGINAL = "retry_of", "first of its repetitions"
#: The attribute that counts how many of these failed for one of `SUSPECT_CAUSES`.
SUSPECT_FAILURES = "harmed before"

#: After so many of them a trial is given up: what kills the third worker, memory or a fault of a
#: driver, would kill all that follow.
MAX_SUSPECT_FAILURES = 3


def repeat(
    opened: OpenStudy,
    study: optuna.Study,
    record: TrialRecord,
    lease: int | None,
    only_if_lost: bool = False,
) -> bool:
    """Queue a copy of a trial, store why, and tell Optuna.

    First its lease is taken over: from then on nobody else can end the trial, and whoever dies on
    the way leaves a lease that the next one takes. A trial that failed too often for suspect
    causes, the last time in an array of its own, is given up: it counts as tried, and there is no
    copy.

    Args:
        opened: the study.
        study: Optuna's.
        record: how the trial ended.
        lease: that the trial is held under, None where Optuna alone holds it open.
        only_if_lost: do nothing unless the worker that holds the trial is lost.

    Returns:
        Whether that was done; False where others have ended the trial meanwhile.
    """
    number = record.number
    assert number is not None
    if lease is not None:
        me = WorkerIdentity.here()
        lease = store.take_over(opened.database, opened.stored.id, lease, me, only_if_lost)
        if lease is None:
            return False
    failures = int(study.get_trials(deepcopy=False)[number].user_attrs.get(SUSPECT_FAILURES, 0))
    is_suspect = store.kind_of(record.cause) in SUSPECT_CAUSES
    failures += is_suspect
    if is_suspect and failures >= MAX_SUSPECT_FAILURES:
        cause = f"{GIVEN_UP}: after {failures} tries, the last one {record.cause}"
        record = replace(record, cause=cause)
    else:
        opened.database.retry(partial(queue_copy, opened, study, number, failures))
    return store_result(opened, study, record, lease)


def queue_copy(opened: OpenStudy, study: optuna.Study, number: int, failures: int = 0) -> None:
    """Queue a copy of a trial, with its parameters, unless one was queued before.

    `failures` is how many of its repetitions failed for suspect causes, this one included.

    A trial that was lost before it had any parameters gets no copy: the sampler proposes others.
    """
    with opened.alone():
        trials = study.get_trials(deepcopy=False)
        if any(trial.user_attrs.get(RETRY_OF) == number for trial in trials):
            return
        original = trials[number].user_attrs.get(ORIGINAL, number)
        attributes: dict[str, Any] = {RETRY_OF: number, ORIGINAL: original}
        attributes[SUSPECT_FAILURES] = failures
        if PROPOSED_BY in trials[number].user_attrs:
            attributes[PROPOSED_BY] = trials[number].user_attrs[PROPOSED_BY]
        if SETTING in trials[number].user_attrs:
            attributes[SETTING] = trials[number].user_attrs[SETTING]
            params = parameters(opened.spec.settings_list()[attributes[SETTING]])
        else:
            params = _proposed(opened, study, trials[number])
        if params:
            study.enqueue_trial(params, user_attrs=attributes)


def _proposed(opened: OpenStudy, study: optuna.Study, lost: FrozenTrial) -> dict[str, Any]:
    """Return what was proposed for a trial of a search; nothing if it was lost before that."""
    if set(lost.params) == set(opened.spec.space):
        return lost.params
    if isinstance(study.sampler, UnstoppingGridSampler) and (point := study.sampler.point(lost)):
        return point
    # One that was queued has its parameters before anybody takes it.
    fixed: dict[str, Any] = lost.system_attrs.get("fixed_params", {})
    return fixed
