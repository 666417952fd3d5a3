"""The sampler that knows other tasks: the repository's prediction, corrected by the trials.

A Gaussian process around the prediction, as Vizier's (Golovin et al. 2017, section 3.3), averaged
with processes that know nothing of other tasks by how probable the trials make each: where the
repository is wrong, it soon says nothing.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository.surrogates.belief import Belief
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.store import Outlook
from sweeper.study.distributions import distributions, rounded
from sweeper.study.samplers.believing import Believing, Prospects
from sweeper.study.samplers.cube import Cube, Params
from sweeper.study.samplers.proposing import Proposing
from sweeper.study.samplers.told import STATES, Told

#: Tries and candidates around which further candidates are drawn.
BEST = 8


@dataclass(frozen=True)
class _Choice:
    """Places in the cube to choose among, and a belief about so many known settings and these."""

    shares: FloatArray
    belief: Belief
    known: int

    @property
    def log_improvement(self) -> FloatArray:
        """Of each place, see `Belief.log_improvement`."""
        return self.belief.log_improvement[self.known :]


class TransferSampler(BaseSampler):
    """Proposes the setting with the largest expected improvement, for one objective.

    Improvement is on trials that are running, too, of other workers as well, over all that these
    may come to. A setting that diverged counts as worse than the worst that was measured.
    """

    def __init__(self, proposing: Proposing) -> None:
        self._proposing = proposing
        self._objective = proposing.spec.objectives[0]
        self._cube = Cube(proposing.spec.space)
        self._random = np.random.default_rng(proposing.seed)
        self._independent = RandomSampler(seed=proposing.seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all parameters: they are proposed jointly."""
        return distributions(self._proposing.spec)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the parameters of the next trial."""
        choice = self._choice(self._told(study))
        if choice is None:
            return self._exact(self._random.random(len(self._cube.names)))
        return self._exact(choice.shares[int(choice.log_improvement.argmax())])

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a random value of a parameter that is not of the study's space."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def outlook(self, study: Study) -> Outlook | None:
        """Return what further trials would gain, or None where too little is known to say."""
        told = self._told(study)
        noise, compression = told.noise_of_confirmation, self._believing.compression(told)
        choice = self._choice(told)
        if noise is None or compression is None or choice is None:
            return None
        best = float(choice.belief.probability @ choice.belief.incumbent.mean(1))
        more = math.exp(float(choice.log_improvement.max()))
        low, high = compression.decompress(np.array([best, best + more]))
        room = max(0.0, OBJECTIVES[self._objective].highest - float(told.scores.max()))
        return Outlook(len(told.tried), min(float(high - low), room), noise)

    @cached_property
    def _believing(self) -> Believing:
        return Believing(self._proposing.spec, self._proposing.known())

    @cached_property
    def _spread(self) -> Prospects:
        return self._believing.prospects(self._cube.spread(self._random))

    def _told(self, study: Study) -> Told:
        trials = study.get_trials(deepcopy=False, states=STATES)
        return Told.of(trials, self._objective, self._cube.names)

    def _choice(self, told: Told) -> _Choice | None:
        """Return settings to choose among, or None where nothing is known of any."""
        params = [each.params for each in (*told.tried, *told.running)]
        known = self._believing.prospects(self._cube.shares(params))
        belief = self._believing.belief(known.joined(self._spread), told)
        if belief is None:
            return None
        number = len(known.shares)
        best = known.shares[_largest(belief.expected[:number])]
        top = self._spread.shares[_largest(belief.log_improvement[number:])]
        near = self._cube.nearby(np.concatenate([best, top]), self._random)
        others = np.concatenate([top, near])
        belief = self._believing.belief(known.joined(self._believing.prospects(others)), told)
        assert belief is not None  # as there was one before
        return _Choice(others, belief, number)

    def _exact(self, point: FloatArray) -> Params:
        """Return the setting at a place in the cube, ``[d]``, exactly as the space has it."""
        (setting,) = self._cube.settings(point[None])
        space = self._proposing.spec.space
        return rounded({name: space[name].nearest(value) for name, value in setting.items()})


def _largest(values: FloatArray) -> NDArray[np.intp]:
    """Return the places of the largest values, the largest first."""
    return (-values).argsort(kind="stable")[:BEST]


def make_transfer(proposing: Proposing) -> BaseSampler:
    """Return the sampler that knows other tasks."""
    return TransferSampler(proposing)
