"""Taking trials to train, and handing them back, finished or not."""

import contextlib
import math
import statistics
from dataclasses import dataclass
from functools import partial
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, Trial, TrialState

from sweeper import store
from sweeper.search.open_study import SETTING, OpenStudy
from sweeper.search.samplers import UnstoppingGridSampler, is_exhausted
from sweeper.search.spaces import distributions, parameters, setting_distributions
from sweeper.setting import Setting
from sweeper.store import INTERRUPTED, SeedRecord, State, TrialRecord, Worker, retrying
from sweeper.store.worker_storage import WorkerStorage

#: The attribute that names the trial that this one repeats.
RETRY_OF = "retry_of"

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


def claim(opened: OpenStudy, study: optuna.Study, worker: Worker, count: int) -> list[Claim]:
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


def finish(opened: OpenStudy, study: optuna.Study, record: TrialRecord, lease: int) -> bool:
    """Store what came out of a claim, in our tables and then in Optuna's.

    Returns:
        False where this worker was taken for lost meanwhile: then its result is dropped.
    """
    split = opened.stored.split
    if not store.record_trial(opened.database, opened.stored.id, record, split, lease):
        return False
    if record.number is not None:
        announce(opened, study, record)
    return True


def give_back(opened: OpenStudy, study: optuna.Study, claim: Claim) -> None:
    """Let go of a claim that was not finished; a copy of its trial is queued."""
    if claim.trial is None:
        store.release(opened.database, claim.lease)
        return
    requeue(opened, study, claim.trial.number)
    finish(opened, study, claim.record("failed", INTERRUPTED), claim.lease)


def requeue(opened: OpenStudy, study: optuna.Study, number: int) -> None:
    """Queue a copy of a trial, with its parameters, unless one was queued before.

    A trial that was lost before it had any parameters is not: the sampler proposes others.
    """
    with opened.alone():
        trials = study.get_trials(deepcopy=False)
        if any(trial.user_attrs.get(RETRY_OF) == number for trial in trials):
            return
        attributes = {RETRY_OF: number}
        if SETTING in trials[number].user_attrs:
            attributes[SETTING] = trials[number].user_attrs[SETTING]
            params = parameters(opened.spec.settings_list()[attributes[SETTING]])
        else:
            params = _proposed(opened, study, trials[number])
        if params:
            study.enqueue_trial(params, user_attrs=attributes)


def announce(opened: OpenStudy, study: optuna.Study, record: TrialRecord) -> None:
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


def _claim_controls(claims: list[Claim], opened: OpenStudy, worker: Worker, count: int) -> None:
    for name, setting in opened.spec.control_settings().items():
        if len(claims) < count:
            lease = store.claim_control(opened.database, opened.stored.id, name, worker)
            if lease is not None:
                claims.append(Claim(setting, lease, control=name))


def _claim_trials(
    claims: list[Claim], opened: OpenStudy, study: optuna.Study, worker: Worker, count: int
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
    if isinstance(study.sampler, UnstoppingGridSampler):
        return study.sampler.point(lost)
    return {}
