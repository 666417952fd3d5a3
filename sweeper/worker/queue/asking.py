"""Asking Optuna for a trial: one that is queued, or one that the sampler proposes."""

from contextlib import AbstractContextManager, nullcontext

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import Trial, TrialState

from sweeper.registry.samplers import SAMPLERS
from sweeper.store.optuna_storage.worker_storage import WorkerStorage
from sweeper.study.distributions import distributions, setting_distributions
from sweeper.study.open_study import SETTING, OpenStudy
from sweeper.study.samplers.grid import is_exhausted


def ask(opened: OpenStudy, study: optuna.Study) -> Trial | None:
    """Take a queued trial, or have one proposed; None where there is nothing left to try."""
    together = WorkerStorage.of(study).together
    if opened.spec.kind == "experiment":
        with together():
            return _ask_setting(opened, study)
    if SAMPLERS[opened.spec.sampler].grid:
        # Two that ask at once could be given the same point; so could one whose lock was lost
        # between its look and its write, unless it writes over the connection that holds the lock.
        with opened.alone() as connection, together(connection):
            if is_exhausted(study.sampler, study):
                return None
            return study.ask(distributions(opened.spec))
    with together():
        return study.ask(distributions(opened.spec))


def asking_in_a_row(opened: OpenStudy, study: optuna.Study) -> AbstractContextManager[None]:
    """Let several trials be asked for in a row without reading those of others for each.

    Only where trials are proposed anew: the points of a grid and the settings of an experiment are
    shared out among the workers.
    """
    if opened.spec.kind == "search" and not SAMPLERS[opened.spec.sampler].grid:
        return WorkerStorage.of(study).steady()
    return nullcontext()


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
