"""What the trials of a study tell: scores, and how noisy these are."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from sweeper.repository.objectives import score_of
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.store import NON_FINITE, kind_of
from sweeper.study.ranking import CONFIRMATION_SEEDS
from sweeper.study.seed_noise import typical_variance
from sweeper.study.trial_attributes import final_scores

#: States of trials that tell something, or are going to.
STATES = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING)

#: Fewest trials that say how noisy the others would be.
FEWEST = 3


@dataclass(frozen=True, eq=False)
class Told:
    """What trials tell of one objective.

    Attributes:
        objective: its name.
        tried: trials that ended and tell something.
        running: trials that have not ended.
        scores: of `tried`, -inf of a trial that diverged.
        noise: standard errors of the scores, the typical one for all; 0 as long as it is unknown.
    """

    objective: str
    tried: Sequence[FrozenTrial]
    running: Sequence[FrozenTrial]
    scores: FloatArray
    noise: FloatArray

    @classmethod
    def of(cls, trials: Sequence[FrozenTrial], objective: str, names: Collection[str]) -> "Told":
        """Return what trials in one of `STATES` tell.

        Args:
            trials: one whose worker died while it was asked for has no parameters, and is left out.
            objective: whose values count.
            names: the parameters that a trial has.
        """
        whole = [each for each in trials if set(names) <= each.params.keys()]
        running = [each for each in whole if each.state is TrialState.RUNNING]
        ended = [each for each in whole if each.state is not TrialState.RUNNING]
        gained = _gained(ended, objective)
        scores = np.array([_score(each, objective, gained) for each in ended], dtype=float)
        told = ~np.isnan(scores)
        tried = [each for each, tells in zip(ended, told, strict=True) if tells]
        variance, seeds = _variance(tried, objective)
        noise = np.full(len(tried), math.sqrt((variance or 0.0) / seeds))
        return cls(objective, tried, running, scores[told], noise)

    @property
    def noise_of_confirmation(self) -> float | None:
        """The standard error of the difference of two settings in a confirmation, if known."""
        variance, _ = _variance(self.tried, self.objective)
        return None if variance is None else math.sqrt(2 * variance / CONFIRMATION_SEEDS)


def _gained(trials: Sequence[FrozenTrial], objective: str) -> dict[int, float]:
    """Return what a trial typically gained from each rung to its end, of those that finished."""
    gains = defaultdict(list)
    for trial in trials:
        if trial.state is TrialState.COMPLETE and trial.value is not None:
            final = score_of(objective, trial.value)
            for epoch, value in trial.intermediate_values.items():
                gains[epoch].append(final - score_of(objective, value))
    return {epoch: float(np.median(each)) for epoch, each in gains.items()}


def _score(trial: FrozenTrial, objective: str, gained: Mapping[int, float]) -> float:
    """Return the score of a trial that ended: -inf if it diverged, NaN if it tells nothing.

    Of one that was pruned it is what it would have come to: with what others gained after its rung.
    """
    if trial.state is TrialState.FAIL:
        diverged = kind_of(trial.user_attrs.get("cause")) == NON_FINITE
        return -math.inf if diverged else math.nan
    if trial.state is TrialState.PRUNED:
        if not trial.intermediate_values:
            return math.nan
        last = max(trial.intermediate_values)
        return score_of(objective, trial.intermediate_values[last]) + gained.get(last, 0.0)
    return math.nan if trial.value is None else score_of(objective, trial.value)


def _variance(trials: Sequence[FrozenTrial], objective: str) -> tuple[float | None, int]:
    """Return the variance of a trial over its seeds, None of too few, and the number of seeds.

    That of trials that ran to their end: at a rung, where others were pruned, seeds differ more.
    """
    ended = [each for each in trials if each.state is TrialState.COMPLETE]
    found = [final_scores(each, objective) for each in ended]
    seeds = [each for each in found if each is not None]
    most = max(map(len, seeds), default=0)
    table = np.array([each for each in seeds if len(each) == most])
    if most < 2 or len(table) < FEWEST:
        return None, max(most, 1)
    return typical_variance(table), most
