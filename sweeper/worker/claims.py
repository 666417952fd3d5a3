"""Taking trials to train, and handing them back, finished or not."""

import contextlib
import math
import statistics
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, Trial, TrialState

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import (
    DATABASE_GONE,
    GIVEN_UP,
    INTERRUPTED,
    SUSPECT_CAUSES,
    SeedRecord,
    State,
    TrialRecord,
    WorkerIdentity,
    patient,
    retrying,
)
from sweeper.store.database.retry import passes
from sweeper.store.optuna_storage.worker_storage import WorkerStorage
from sweeper.study.distributions import distributions, parameters, setting_distributions
from sweeper.study.open_study import SETTING, OpenStudy
from sweeper.study.samplers import UnstoppingGridSampler, is_exhausted
from sweeper.worker import spool

#: The attributes that name the trial that this one repeats, and the first one of them all.
RETRY_OF, FIRST = "retry_of", "first of its repetitions"
#: The attribute that counts how many of these failed in harmful ways.
HARMS = "harmed before"

#: Tries after which a trial is given up that fails in harmful ways: what kills the third worker,
#: memory or a fault of a driver, would kill all that follow.
MOST_HARMS = 3

_STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


@dataclass(frozen=True)
class Claim:
    """A trial of Optuna's, or a control by its name, that this worker holds under a lease."""

    setting: Setting
    lease: int
    trial: Trial | None = None
    control: str | None = None

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.control or f"trial {self.trial.number if self.trial else '?'}"

    @property
    def name(self) -> str:
        """What it and all that repeat it have in common, within the study."""
        if self.trial is None:
            return str(self.control)
        return str(self.trial.user_attrs.get(FIRST, self.trial.number))

    @property
    def is_suspect(self) -> bool:
        """Whether it is to be trained alone: its next failure is then no neighbor's fault."""
        harms = 0 if self.trial is None else self.trial.user_attrs.get(HARMS, 0)
        return bool(harms + 1 >= MOST_HARMS)

    def record(
        self,
        state: State,
        cause: str | None = None,
        epochs: int = 0,
        seconds: float = 0.0,
        device: str = "cpu",
        seeds: tuple[SeedRecord, ...] = (),
    ) -> TrialRecord:
        """Return what is stored about it."""
        number = None if self.trial is None else self.trial.number
        return TrialRecord(
            self.setting, state, number, self.control, cause, epochs, seconds, device, seeds
        )


def claim(
    opened: OpenStudy, study: optuna.Study, worker: WorkerIdentity, count: int
) -> list[Claim]:
    """Take up to `count` of what is left to do: controls first, then trials of the budget.

    What was taken is given back where an error ends it half-way.
    """
    claims: list[Claim] = []
    try:
        _claim_controls(claims, opened, worker, count)
        _claim_trials(claims, opened, study, worker, count - len(claims))
    except BaseException:
        for held in claims:
            give_back(opened, study, held)
        raise
    return claims


def finish(opened: OpenStudy, study: optuna.Study, record: TrialRecord, lease: int | None) -> bool:
    """Store what came out of a claim, in our tables and then in Optuna's.

    Where the database is out of reach it is kept in a file of this machine, see `spool`, until it
    is stored.

    Returns:
        False where this worker was taken for lost meanwhile: then its result is dropped.
    """
    database, study_id, split = opened.database, opened.stored.id, opened.stored.split

    def record_it() -> bool:
        return store.record_trial(database, study_id, record, split, lease)

    try:
        with patient(0):
            stored = record_it()
    except SweeperError as error:
        if lease is None or not passes(error):
            raise
        with spool.kept(opened, record, lease):
            stored = record_it()
    if not stored:
        return False
    if record.number is not None:
        sync_to_optuna(opened, study, record)
    return True


def give_back(
    opened: OpenStudy, study: optuna.Study, claim: Claim, cause: str = INTERRUPTED
) -> None:
    """Let go of a claim that was not finished; a copy of its trial is queued.

    Where the database is known to be out of reach, that is left to whoever comes by when it is not.
    """
    record = claim.record("failed", cause)
    if cause == DATABASE_GONE:
        spool.keep(opened, record, claim.lease)
    elif claim.trial is None and store.kind_of(cause) not in SUSPECT_CAUSES:
        store.release(opened.database, claim.lease)
    elif claim.trial is None:
        finish(opened, study, record, claim.lease)
    else:
        repeat(opened, study, record, claim.lease)


def repeat(
    opened: OpenStudy,
    study: optuna.Study,
    record: TrialRecord,
    lease: int | None,
    lost_alone: bool = False,
) -> bool:
    """Queue a copy of a trial, store why, and tell Optuna.

    First its lease is taken over: from then on nobody else can end the trial, and whoever dies on
    the way leaves a lease that the next one takes. One that failed too often in harmful ways, the
    last time in an array of its own, is given up: it counts as tried, and there is no copy.

    Args:
        opened: the study.
        study: Optuna's.
        record: how the trial ended.
        lease: that it is held under, None where Optuna alone holds it open.
        lost_alone: does nothing unless the worker that holds it is lost.

    Returns:
        Whether that was done; False where others have ended the trial meanwhile.
    """
    number = record.number
    assert number is not None
    if lease is not None:
        me = WorkerIdentity.here()
        lease = store.take_over(opened.database, opened.stored.id, lease, me, lost_alone)
        if lease is None:
            return False
    harms = int(study.get_trials(deepcopy=False)[number].user_attrs.get(HARMS, 0))
    harms += store.kind_of(record.cause) in SUSPECT_CAUSES
    if harms >= MOST_HARMS and store.kind_of(record.cause) in SUSPECT_CAUSES:
        cause = f"{GIVEN_UP}: after {harms} tries, the last one {record.cause}"
        record = replace(record, cause=cause)
    else:
        retrying(partial(requeue, opened, study, number, harms))
    return finish(opened, study, record, lease)


def requeue(opened: OpenStudy, study: optuna.Study, number: int, harms: int = 0) -> None:
    """Queue a copy of a trial, with its parameters, unless one was queued before.

    `harms` is how many of its repetitions failed in harmful ways, this one included.

    A trial that was lost before it had any parameters is not: the sampler proposes others.
    """
    with opened.alone():
        trials = study.get_trials(deepcopy=False)
        if any(trial.user_attrs.get(RETRY_OF) == number for trial in trials):
            return
        first = trials[number].user_attrs.get(FIRST, number)
        attributes = {RETRY_OF: number, FIRST: first, HARMS: harms}
        if SETTING in trials[number].user_attrs:
            attributes[SETTING] = trials[number].user_attrs[SETTING]
            params = parameters(opened.spec.settings_list()[attributes[SETTING]])
        else:
            params = _proposed(opened, study, trials[number])
        if params:
            study.enqueue_trial(params, user_attrs=attributes)


def sync_to_optuna(opened: OpenStudy, study: optuna.Study, record: TrialRecord) -> None:
    """Tell Optuna the end of a trial that our tables have; doing so twice changes nothing."""
    number = record.number
    assert number is not None
    storage, study_id = WorkerStorage.of(study), opened.stored.optuna_study_id
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    values = mean_values(record, opened.spec.objectives) if record.state == "complete" else None

    def tell() -> None:
        with storage.together():
            for name, value in _attributes(record, opened.spec.objectives).items():
                storage.set_trial_user_attr(trial_id, name, value)
            study.tell(number, values, state=_STATES[record.state], skip_if_finished=True)

    # Another worker that recovers may do so at this very moment, too.
    with contextlib.suppress(UpdateFinishedTrialError):
        retrying(tell)


def mean_values(record: TrialRecord, objectives: tuple[str, ...]) -> list[float]:
    """Return the mean of each objective over the seeds of a trial."""
    return [
        statistics.fmean(seed.values[objective] for seed in record.seeds)
        for objective in objectives
    ]


def _attributes(record: TrialRecord, objectives: tuple[str, ...]) -> dict[str, Any]:
    """Return what the dashboard shows about a trial, beside its parameters and values."""
    measures = (*objectives, "accuracy")
    shown: dict[str, Any] = {"setting": record.setting.describe()}
    if record.cause:
        shown["cause"] = record.cause
    for seed in record.seeds:
        for name, value in seed.values.items():
            if name not in measures:
                continue
            # JSON has no number for what is not finite.
            kept = value if math.isfinite(value) else None
            shown.setdefault(f"{name} of each seed", []).append(kept)
    return shown


def _claim_controls(
    claims: list[Claim], opened: OpenStudy, worker: WorkerIdentity, count: int
) -> None:
    for name, setting in opened.spec.control_settings().items():
        if len(claims) < count:
            lease = store.claim_control(opened.database, opened.stored.id, name, worker)
            if lease is not None:
                claims.append(Claim(setting, lease, control=name))


def _claim_trials(
    claims: list[Claim], opened: OpenStudy, study: optuna.Study, worker: WorkerIdentity, count: int
) -> None:
    database, stored = opened.database, opened.stored
    budget = store.find_study(database, stored.name).n_trials
    leases = store.reserve(database, stored.id, count, budget, worker)
    try:
        # After the leases: what others queued before they let go of them must be seen.
        with WorkerStorage.of(study).steady() if _proposes(opened) else contextlib.nullcontext():
            while leases:
                trial = retrying(partial(_ask, opened, study))
                if trial is None:
                    break
                if store.assign(database, leases[0], trial.number):  # else `recover` finds it
                    setting = opened.setting(trial)
                    claims.append(Claim(setting, leases[0], trial=trial))
                del leases[0]
                if claims and claims[-1].is_suspect:
                    break
    finally:
        if leases:
            store.release(database, *leases)


def _proposes(opened: OpenStudy) -> bool:
    """Return whether its trials are proposed anew, not shared out among the workers."""
    return opened.spec.kind == "search" and opened.spec.sampler != "grid"


def _ask(opened: OpenStudy, study: optuna.Study) -> Trial | None:
    """Take a queued trial, or have one proposed; None where there is nothing left to try."""
    together = WorkerStorage.of(study).together
    if opened.spec.kind == "experiment":
        with together():
            return _ask_setting(opened, study)
    if opened.spec.sampler == "grid":
        # Two that ask at once could be given the same point.
        with opened.alone(), together():
            if is_exhausted(study.sampler, study):
                return None
            return study.ask(distributions(opened.spec))
    with together():
        return study.ask(distributions(opened.spec))


def _ask_setting(opened: OpenStudy, study: optuna.Study) -> Trial | None:
    trial = study.ask()
    if SETTING not in trial.user_attrs:
        # None is queued: the last one is between its loss and its retry, which `recover` mends.
        study.tell(trial, state=TrialState.FAIL)
        return None
    setting = opened.spec.settings_list()[trial.user_attrs[SETTING]]
    for name, distribution in setting_distributions(opened.spec, setting).items():
        if isinstance(distribution, CategoricalDistribution):
            trial.suggest_categorical(name, distribution.choices)
        elif isinstance(distribution, FloatDistribution):
            trial.suggest_float(name, distribution.low, distribution.high)
    return trial


def _proposed(opened: OpenStudy, study: optuna.Study, lost: FrozenTrial) -> dict[str, Any]:
    """Return what was proposed for a trial of a search; nothing if it was lost before that."""
    if set(lost.params) == set(opened.spec.space):
        return lost.params
    if isinstance(study.sampler, UnstoppingGridSampler) and (point := study.sampler.point(lost)):
        return point
    # One that was queued has its parameters before anybody takes it.
    fixed: dict[str, Any] = lost.system_attrs.get("fixed_params", {})
    return fixed
