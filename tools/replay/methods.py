"""What is compared: samplers, by name, and whether the shortlist is queued first."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, CmaEsSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from sweeper.study.distributions import distributions
from sweeper.study.samplers.make import make_sampler
from sweeper.study.study_file import StudySpec
from tools.replay.grounds import Ground
from tools.replay.known import MARGINS, Known
from tools.replay.transfer_schedulers import BOX, ZERO_SHOT, BoundingBoxSampler, ZeroShotSampler

#: What `sweeper run` does where the repository knows the plan.
OURS = "transfer, shortlist first"

COLD, CMA_ES = "TPE", "CMA-ES"


@dataclass(frozen=True)
class Method:
    """A sampler, and whether the shortlist is queued before it is asked."""

    make: Callable[[StudySpec, Known], BaseSampler]
    with_shortlist: bool = False


def _own(name: str) -> Callable[[StudySpec, Known], BaseSampler]:
    """Return what makes the sampler that `sweeper run --sampler` has under a name."""

    def make(spec: StudySpec, known: Known) -> BaseSampler:
        return make_sampler(spec.model_copy(update={"sampler": name}), 0, lambda: known)

    return make


def _cma_es(spec: StudySpec, known: Known) -> BaseSampler:
    """Return Optuna's CMA-ES, which has nothing of the trials that are running."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return CmaEsSampler(seed=spec.seed, warn_independent_sampling=False)


METHODS = {
    "random": Method(_own("random")),
    COLD: Method(_own("tpe")),
    "Gaussian process": Method(_own("gp")),
    CMA_ES: Method(_cma_es),
    ZERO_SHOT: Method(lambda spec, known: ZeroShotSampler(known, spec.seed)),
    BOX: Method(lambda spec, known: BoundingBoxSampler(known, spec.seed)),
    "TPE, shortlist first": Method(_own("tpe"), with_shortlist=True),
    OURS: Method(_own("transfer"), with_shortlist=True),
    "transfer, nothing first": Method(_own("transfer")),
}


class OnGround(BaseSampler):
    """Moves what another sampler proposes to what can be tried."""

    def __init__(self, sampler: BaseSampler, spec: StudySpec, ground: Ground) -> None:
        self.sampler = sampler
        self._space = distributions(spec)
        self._ground = ground

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all parameters."""
        return self._space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return what is tried where the other one proposes."""
        jointly = self.sampler.infer_relative_search_space(study, trial)
        proposed = self.sampler.sample_relative(study, trial, jointly)
        for name, distribution in search_space.items():
            if name not in proposed:
                proposed[name] = self.sampler.sample_independent(study, trial, name, distribution)
        return self._ground.nearest(proposed, taken(study))

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, distribution: BaseDistribution
    ) -> Any:
        """Return nothing: all parameters are proposed jointly.

        Raises:
            KeyError: always.
        """
        raise KeyError(param_name)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Tell the other one."""
        self.sampler.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: Any, values: Any) -> None:
        """Tell the other one."""
        self.sampler.after_trial(study, trial, state, values)


def taken(study: Study) -> set[tuple[float, ...]]:
    """Return the settings of a study's trials, those that wait too."""
    found = set()
    for trial in study.get_trials(deepcopy=False):
        params = trial.params or trial.system_attrs.get("fixed_params", {})
        if len(params) == len(MARGINS):
            found.add(tuple(params[name] for name in MARGINS))
    return found
