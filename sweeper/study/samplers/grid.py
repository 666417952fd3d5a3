"""A grid, whose points are shared out among the workers."""

from collections.abc import Sequence
from typing import Any

from optuna.samplers import BaseSampler, GridSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from sweeper.store.optuna_storage.private_names import grid_point, grid_size
from sweeper.study.distributions import grid_space
from sweeper.study.samplers.proposing import Proposing


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


def make_grid(proposing: Proposing) -> BaseSampler:
    """Return the grid of the study."""
    # The order of the points must be the same for every worker, or they would share no grid.
    return UnstoppingGridSampler(grid_space(proposing.spec), seed=proposing.spec.seed)
