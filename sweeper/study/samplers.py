"""What proposes the next trials, by name. Many are asked for at once, by several workers."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    GPSampler,
    GridSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.samplers.nsgaii import SBXCrossover
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from sweeper.errors import unknown
from sweeper.registry.lookup import resolve
from sweeper.registry.samplers import SAMPLERS
from sweeper.store.optuna_storage.private_names import grid_point, grid_size
from sweeper.store.optuna_storage.worker_storage import recent
from sweeper.study.distributions import grid_space
from sweeper.study.study_file import StudySpec

#: A generation of NSGA-II. Optuna's 50 would leave most of a study of 60 trials to chance.
POPULATION = 16


class UnstoppingGridSampler(GridSampler):
    """Optuna's grid, without its stop at the last point.

    That stop is an error outside `Study.optimize`: `tell` would raise it after storing the value.
    Whoever asks for trials looks at `is_exhausted` instead.
    """

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Do nothing."""

    def point(self, trial: FrozenTrial) -> dict[str, Any]:
        """Return the point that a trial was given, also if it ended before it had parameters."""
        number = trial.system_attrs.get("grid_id")
        return {} if number is None else grid_point(self, number)


class RecentTPESampler(TPESampler):
    """TPE for one objective that looks at the last thousand trials, and at the best ones.

    It goes over all trials in Python for each that is asked for, a tenth of a second at 10,000 of
    them. The good ones, 25 at most, are the same; of the bad ones the old, whose weight it lets
    fall anyway, are left out. Up to a thousand trials nothing differs.
    """

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the parameters that are sampled jointly."""
        with recent(study):
            return super().infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Propose the parameters that are sampled jointly."""
        with recent(study):
            return super().sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Propose one parameter."""
        with recent(study):
            return super().sample_independent(study, trial, param_name, param_distribution)


def make_sampler(spec: StudySpec, worker_rank: int = 0) -> BaseSampler:
    """Return the sampler of a study for one of its workers.

    Args:
        spec: the study.
        worker_rank: a number that no other worker of the study has or had, since two with one
            number propose the same points; a worker that resumes a study counts as another.

    Raises:
        UsageError: when there is no such sampler.
    """
    if spec.sampler not in SAMPLERS:
        raise unknown("sampler", spec.sampler, SAMPLERS)
    make: Callable[[StudySpec, int], BaseSampler] = resolve(SAMPLERS[spec.sampler].maker)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return make(spec, (spec.seed + worker_rank) % 2**32)  # numpy takes no more


def is_exhausted(sampler: BaseSampler, study: Study) -> bool:
    """Return whether nothing is left to try: a grid of which all has begun, and none is queued.

    Optuna would give out points that others train once more before the last of them is finished.
    """
    if not isinstance(sampler, GridSampler):
        return False
    trials = study.get_trials(deepcopy=False)
    if any(trial.state == TrialState.WAITING for trial in trials):
        return False
    begun = {trial.system_attrs.get("grid_id") for trial in trials} - {None}
    return len(begun) == grid_size(sampler)


def make_tpe(spec: StudySpec, seed: int) -> BaseSampler:
    """Return TPE, that of one objective with a short memory."""
    # The liar keeps the trials of a batch apart. With one objective the parameters are sampled
    # jointly, since margin and scale depend on each other; with several, Optuna advises against.
    if len(spec.objectives) > 1:
        return TPESampler(seed=seed, constant_liar=True, multivariate=False)
    return RecentTPESampler(seed=seed, constant_liar=True, multivariate=True)


def make_gp(spec: StudySpec, seed: int) -> BaseSampler:
    """Return Optuna's Gaussian process."""
    return GPSampler(seed=seed, warn_independent_sampling=False)


def make_qmc(spec: StudySpec, seed: int) -> BaseSampler:
    """Return a Sobol sequence of its own for each worker."""
    # Scrambled, since the plain sequence begins at the corner where every parameter is lowest.
    # Each worker has its own sequence: with a shared one, two would take the same point at times.
    return QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False)


def make_random(spec: StudySpec, seed: int) -> BaseSampler:
    """Return independent draws."""
    return RandomSampler(seed=seed)


def make_grid(spec: StudySpec, seed: int) -> BaseSampler:
    """Return the grid of the study."""
    # The order of the points must be the same for every worker, or they would share no grid.
    return UnstoppingGridSampler(grid_space(spec), seed=spec.seed)


def make_nsga2(spec: StudySpec, seed: int) -> BaseSampler:
    """Return NSGA-II in small generations."""
    # Optuna's own crossover hands whole numbers on, and so repeats one trial in ten; this one mixes
    # them (Deb and Agrawal 1995).
    return NSGAIISampler(
        seed=seed, population_size=POPULATION, crossover=SBXCrossover(), crossover_prob=1.0
    )


def make_settings(spec: StudySpec, seed: int) -> BaseSampler:
    """Return what an experiment has in place of a sampler."""
    # An experiment's trials are queued with all their values: nothing is left to sample.
    return RandomSampler(seed=seed)
