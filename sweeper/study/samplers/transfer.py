"""The sampler that knows other tasks: the repository's prediction, corrected by the trials.

A Gaussian process around the prediction, as Vizier's (Golovin et al. 2017, section 3.3), averaged
with processes that know nothing of other tasks by how probable the trials make each: where the
repository is wrong, it soon says nothing.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from sweeper.repository.objectives import score
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.store import NON_FINITE, kind_of
from sweeper.study.distributions import distributions, rounded
from sweeper.study.samplers.believing import Believing, Prospects
from sweeper.study.samplers.cube import Cube, Params
from sweeper.study.samplers.proposing import Proposing

#: Tries and candidates around which further candidates are drawn.
BEST = 8

_ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class TransferSampler(BaseSampler):
    """Proposes the setting with the largest expected improvement, for one objective.

    Trials that are running, of other workers too, are taken to turn out as expected. A setting that
    diverged counts as worse than the worst that was measured.
    """

    def __init__(self, proposing: Proposing) -> None:
        self._proposing = proposing
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
        trials = study.get_trials(deepcopy=False, states=(*_ENDED, TrialState.RUNNING))
        # One whose worker died while it was asked for has no parameters.
        whole = [each for each in trials if set(self._cube.names) <= each.params.keys()]
        running = [each for each in whole if each.state is TrialState.RUNNING]
        ended = [each for each in whole if each.state is not TrialState.RUNNING]
        scores, noise = self._scores(ended)
        told = ~np.isnan(scores)
        tried = [each for each, known in zip(ended, told, strict=True) if known]
        return self._propose(tried, scores[told], noise[told], running)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a random value of a parameter that is not of the study's space."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    @cached_property
    def _believing(self) -> Believing:
        return Believing(self._proposing.spec, self._proposing.known())

    @cached_property
    def _spread(self) -> Prospects:
        return self._believing.prospects(self._cube.spread(self._random))

    def _scores(self, trials: Sequence[FrozenTrial]) -> tuple[FloatArray, FloatArray]:
        """Return scores of trials that ended and their standard errors.

        The score is -inf of a trial that diverged, and NaN of one that says nothing.
        """
        objective = self._proposing.spec.objectives[0]
        scores = score(objective, np.array([_value(each) for each in trials], dtype=float))
        scores[[_diverged(each) for each in trials]] = -np.inf
        name = f"{objective} of each seed"
        spread = [each.user_attrs[name] for each in trials if name in each.user_attrs]
        seeds = [np.array(each, float) for each in spread if None not in each and len(each) > 1]
        errors = [score(objective, each).std(ddof=1) / math.sqrt(len(each)) for each in seeds]
        return scores, np.full(len(trials), float(np.median(errors)) if errors else 0.0)

    def _propose(
        self,
        tried: Sequence[FrozenTrial],
        scores: FloatArray,
        noise: FloatArray,
        running: Sequence[FrozenTrial],
    ) -> Params:
        params = [each.params for each in (*tried, *running)]
        known = self._believing.prospects(self._cube.shares(params))
        told = (len(running), scores, noise)
        belief = self._believing.belief(known.joined(self._spread), *told)
        if belief is None:
            return self._chosen(self._random.random(len(self._cube.names)))
        number = len(known.shares)
        best = known.shares[_largest(belief.expected[:number])]
        top = self._spread.shares[_largest(belief.log_improvement[number:])]
        near = self._cube.nearby(np.concatenate([best, top]), self._random)
        others = np.concatenate([top, near])
        belief = self._believing.belief(known.joined(self._believing.prospects(others)), *told)
        assert belief is not None  # as there was one before
        return self._chosen(others[int(belief.log_improvement[number:].argmax())])

    def _chosen(self, point: FloatArray) -> Params:
        (setting,) = self._cube.settings(point[None])
        space = self._proposing.spec.space
        return rounded({name: space[name].nearest(value) for name, value in setting.items()})


def _largest(values: FloatArray) -> NDArray[np.intp]:
    """Return the places of the largest values, the largest first."""
    return (-values).argsort(kind="stable")[:BEST]


def _diverged(trial: FrozenTrial) -> bool:
    """Return whether a trial failed by its setting, not by its worker."""
    return trial.state is TrialState.FAIL and kind_of(trial.user_attrs.get("cause")) == NON_FINITE


def _value(trial: FrozenTrial) -> float:
    """Return a trial's value, of a pruned one the last that it had; NaN if there is none."""
    if trial.state is TrialState.PRUNED and trial.intermediate_values:
        return float(trial.intermediate_values[max(trial.intermediate_values)])
    return math.nan if trial.value is None else float(trial.value)


def make_transfer(proposing: Proposing) -> BaseSampler:
    """Return the sampler that knows other tasks."""
    return TransferSampler(proposing)
