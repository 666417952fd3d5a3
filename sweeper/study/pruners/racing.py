"""A race: a trial leaves at a rung once its seeds tell it apart from the best one there.

As in F-race (Birattari et al. 2002) and irace (López-Ibáñez et al. 2016) only what differs is told
apart. Trials are compared in pairs over the same seeds, which see the same batches, by a t-test
whose variance is moderated over all trials at the rung (Smyth 2004): a few seeds alone tell too
little. Curves cross later, so that a lead also has to be larger than what trials that finished
show: how differently they gained between this rung and their end.
"""

from collections.abc import Sequence

import numpy as np
from optuna import Study
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState
from scipy.stats import chi2, t

from sweeper.repository.gains import PRIOR_DEGREES
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.study.seed_noise import typical_variance
from sweeper.study.study_file import StudySpec
from sweeper.study.trial_attributes import PROPOSED_BY, final_scores, rung_scores

#: The level of the test against the best of the rung, one-sided. The best is one of many, so of
#: trials that are alike a rung drops more than this share.
LEVEL = 0.05

#: How much gains from a rung to the end differ between trials (standard deviation, as a share of
#: the typical gain) as far as few trials have finished; it weighs `PRIOR_DEGREES` of them.
SPREAD_OF_GAINS = 0.1

#: Fewest trials at a rung that say how noisy all are.
_FEWEST = 3

#: A standard error below this counts as none: values are float32.
_ROUNDING = 1e-6

_STATES = (TrialState.RUNNING, TrialState.COMPLETE, TrialState.PRUNED)


def make_racing(spec: StudySpec) -> BasePruner:
    """Return the race of a study's trials."""
    return RacingPruner(spec.objectives[0])


class RacingPruner(BasePruner):
    """Drops what `chance_of_best` says will not end as the best.

    Nothing is dropped before a trial has finished that was reported at the same rung, nor what a
    search begins with before one of these has finished. The best is chosen from all trials of the
    study but those that were dropped or failed: who began well and fell back is no measure.

    Args:
        objective: that trials are compared by; `ClaimedTrial.report` stores it of each seed.
    """

    def __init__(self, objective: str) -> None:
        self.objective = objective

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Return whether a trial is to leave at the rung that it was last reported at."""
        epoch = trial.last_step
        ours = None if epoch is None else rung_scores(trial, self.objective, epoch)
        if epoch is None or ours is None or len(ours) < 2:
            return False
        trials = study.get_trials(deepcopy=False, states=_STATES)
        if PROPOSED_BY in trial.user_attrs and not any(map(_is_finished_start, trials)):
            return False
        there = [(each, rung_scores(each, self.objective, epoch)) for each in trials]
        found = [(each, scores) for each, scores in there if scores is not None]
        alive = [scores for each, scores in found if each.state is not TrialState.PRUNED]
        gains = self._gains(found)
        if not len(gains):
            return False
        best = max(alive, key=lambda scores: float(scores.mean()))
        table = np.array([scores for _, scores in found])
        chance = chance_of_best(best - ours, typical_noise(table), crossing(gains))
        return chance < LEVEL

    def _gains(self, found: Sequence[tuple[FrozenTrial, FloatArray]]) -> FloatArray:
        """Return what trials that finished gained from a rung to their end."""
        gains = [
            final.mean() - scores.mean()
            for each, scores in found
            if each.state is TrialState.COMPLETE
            and (final := final_scores(each, self.objective)) is not None
        ]
        return np.array(gains, dtype=float)


def chance_of_best(lead: FloatArray, noise: float | None = None, crossing: float = 0.0) -> float:
    """Return the p-value of the best being no better than a trial in the end, one-sided.

    With the lead alone it is that of the paired t-test.

    Args:
        lead: of the best over the trial, of each seed, ``[R]``.
        noise: the typical variance of such a difference over seeds, None where it is not known.
        crossing: the variance of what the lead may still change by.

    Returns:
        The p-value; 1 where no test is possible, since all seeds differ by the same.
    """
    seeds = len(lead)
    degrees, variance = seeds - 1.0, float(lead.var(ddof=1))
    if noise is not None:
        variance = (PRIOR_DEGREES * noise + degrees * variance) / (PRIOR_DEGREES + degrees)
        degrees += PRIOR_DEGREES
    error = np.sqrt(variance / seeds + crossing)
    return 1.0 if error < _ROUNDING else float(t.sf(lead.mean() / error, degrees))


def typical_noise(table: FloatArray) -> float | None:
    """Return the typical variance of a difference of two trials over seeds, None of too few.

    Args:
        table: scores at a rung ``[K, R]``.
    """
    trials, seeds = table.shape
    if trials < _FEWEST:
        return None
    # The median of a sample variance is below the variance by this factor.
    factor = float(chi2.median(seeds - 1)) / (seeds - 1)
    return float(2 * typical_variance(table) / factor)


def crossing(gains: FloatArray) -> float:
    """Return the variance of what a lead of one trial over another may still change by.

    Args:
        gains: from a rung to the end, of at least one trial that finished.
    """
    degrees = len(gains) - 1
    prior = (SPREAD_OF_GAINS * float(np.median(gains))) ** 2
    own = float(gains.var(ddof=1)) if degrees else 0.0
    return 2 * (PRIOR_DEGREES * prior + degrees * own) / (PRIOR_DEGREES + degrees)


def _is_finished_start(trial: FrozenTrial) -> bool:
    return trial.state is TrialState.COMPLETE and PROPOSED_BY in trial.user_attrs
