"""Taking trials to train, and handing them back, finished or not."""

from dataclasses import dataclass

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import Trial, TrialState

from sweeper import store
from sweeper.search.open_study import SETTING, OpenStudy
from sweeper.search.samplers import is_exhausted
from sweeper.search.spaces import distributions, parameters, setting_distributions
from sweeper.setting import Setting
from sweeper.store import State, TrialRecord, Worker, retrying

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

    def record(self, state: State, **rest: object) -> TrialRecord:
        """Return what is stored about it."""
        number = None if self.trial is None else self.trial.number
        return TrialRecord(self.setting, state, number=number, control=self.control, **rest)  # type: ignore[arg-type]


def claim(opened: OpenStudy, study: optuna.Study, worker: Worker, count: int) -> list[Claim]:
    """Take up to `count` of what is left to do: controls first, then trials of the budget."""
    database, stored, spec = opened.database, opened.stored, opened.spec
    claims: list[Claim] = []
    for name, setting in spec.control_settings().items():
        if len(claims) < count:
            lease = store.claim_control(database, stored.id, name, worker)
            if lease is not None:
                claims.append(Claim(setting, lease, control=name))
    budget = store.find_study(database, stored.name).n_trials
    leases = store.reserve(database, stored.id, count - len(claims), budget, worker)
    for place, lease in enumerate(leases):
        if is_exhausted(study.sampler, study):
            store.release(database, *leases[place:])
            break
        trial = retrying(lambda: _ask(study, opened))
        store.assign(database, lease, trial.number)
        claims.append(Claim(spec.setting(trial.params), lease, trial=trial))
    return claims


def finish(
    opened: OpenStudy,
    study: optuna.Study,
    claim: Claim,
    record: TrialRecord,
) -> bool:
    """Store what came out of a claim, in our tables and then in Optuna's.

    Returns:
        False where this worker was taken for lost meanwhile: then its result is dropped.
    """
    split = opened.stored.split
    if not store.record_trial(opened.database, opened.stored.id, record, split, claim.lease):
        return False
    if claim.trial is not None:
        for name, value in attributes(record).items():
            retrying(lambda name=name, value=value: claim.trial.set_user_attr(name, value))  # type: ignore[misc]
        tell(study, opened, record)
    return True


def give_back(opened: OpenStudy, study: optuna.Study, claim: Claim, cause: str) -> None:
    """Let go of a claim that was not finished; a copy of its trial is queued."""
    if claim.trial is None:
        store.release(opened.database, claim.lease)
        return
    requeue(opened, study, claim.trial.number)
    finish(opened, study, claim, claim.record("failed", cause=cause))


def requeue(opened: OpenStudy, study: optuna.Study, number: int) -> None:
    """Queue a copy of a trial, with its parameters, unless one was queued before."""
    trials = study.get_trials(deepcopy=False)
    if any(trial.user_attrs.get(RETRY_OF) == number for trial in trials):
        return
    kept = {RETRY_OF: number}
    params = trials[number].params
    if SETTING in trials[number].user_attrs:
        kept[SETTING] = trials[number].user_attrs[SETTING]
        params = parameters(opened.spec.settings_list()[kept[SETTING]])
    if params:  # else it was lost before it had any, and the sampler proposes others
        study.enqueue_trial(params, user_attrs=kept)


def tell(study: optuna.Study, opened: OpenStudy, record: TrialRecord) -> None:
    """Tell Optuna the end of a trial that our tables have; telling it twice changes nothing."""
    assert record.number is not None
    values = mean_values(record, opened.spec.objectives) if record.state == "complete" else None
    state = _STATES[record.state]
    retrying(
        lambda: study.tell(record.number, values, state=state, skip_if_finished=True)  # type: ignore[arg-type]
    )


def mean_values(record: TrialRecord, objectives: tuple[str, ...]) -> list[float]:
    """Return the mean of each objective over the seeds of a trial."""
    return [
        sum(seed.values[objective] for seed in record.seeds) / len(record.seeds)
        for objective in objectives
    ]


def attributes(record: TrialRecord) -> dict[str, object]:
    """Return what is shown about a trial in the dashboard, beside its values."""
    shown: dict[str, object] = {"setting": record.setting.describe()}
    if record.cause:
        shown["cause"] = record.cause
    for seed in record.seeds:
        shown |= {f"{name}, seed {seed.seed}": value for name, value in seed.values.items()}
    return shown


def _ask(study: optuna.Study, opened: OpenStudy) -> Trial:
    if opened.spec.kind == "search":
        return study.ask(distributions(opened.spec))
    trial = study.ask()
    setting = opened.spec.settings_list()[trial.user_attrs[SETTING]]
    for name, distribution in setting_distributions(opened.spec, setting).items():
        if isinstance(distribution, CategoricalDistribution):
            trial.suggest_categorical(name, distribution.choices)
        elif isinstance(distribution, FloatDistribution):
            trial.suggest_float(name, distribution.low, distribution.high)
    return trial
