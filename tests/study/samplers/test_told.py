import math

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from sweeper.study.ranking import CONFIRMATION_SEEDS
from sweeper.study.samplers.told import Told


def trial(state=TrialState.COMPLETE, value=None, seeds=(), cause=None, **rest):
    attributes = {"accuracy of each seed": list(seeds)} if seeds else {}
    attributes |= {"cause": cause} if cause else {}
    return create_trial(
        state=state,
        value=value,
        params={"m2": 0.1},
        distributions={"m2": FloatDistribution(0.0, 1.0)},
        user_attrs=attributes,
        **rest,
    )


def test_each_state_tells_what_it_can():
    trials = [
        trial(value=0.8),
        trial(TrialState.FAIL, cause="non-finite: the loss is nan"),
        trial(TrialState.FAIL, cause="lost: no sign of life"),
        trial(TrialState.PRUNED, intermediate_values={1: 0.2, 2: 0.4}),
        trial(TrialState.PRUNED),
        trial(TrialState.RUNNING),
    ]
    told = Told.of(trials, "accuracy", ["m2"])
    assert told.scores.tolist() == [0.8, -math.inf, 0.4]
    assert len(told.running) == 1
    assert Told.of(trials, "accuracy", ["m2", "scale"]).tried == []


def test_who_was_pruned_counts_with_what_others_gained_after_its_rung():
    finished = [
        trial(value=value, intermediate_values={1: value - gain, 4: value - 0.01})
        for value, gain in ((0.9, 0.3), (0.8, 0.2), (0.7, 0.25))
    ]
    early = trial(TrialState.PRUNED, intermediate_values={1: 0.3})
    later = trial(TrialState.PRUNED, intermediate_values={1: 0.2, 4: 0.5})
    other = trial(TrialState.PRUNED, intermediate_values={2: 0.4})
    told = Told.of([*finished, early, later, other], "accuracy", ["m2"])
    assert told.scores == pytest.approx([0.9, 0.8, 0.7, 0.55, 0.51, 0.4])


def test_a_compactness_is_less_the_better():
    told = Told.of([trial(value=0.5), trial(value=0.25)], "compactness", ["m2"])
    assert told.scores == pytest.approx([math.log(2), math.log(4)])


def test_noise_of_a_confirmation_is_that_of_differences():
    """Seeds have a share in common of 5 points, which no difference of settings has."""
    rng = np.random.default_rng(0)
    common, settings = rng.normal(0, 0.05, 8), rng.normal(0, 0.03, 200)
    values = 0.7 + settings[:, None] + common + rng.normal(0, 0.01, (200, 8))
    told = Told.of(
        [trial(value=row.mean(), seeds=row.tolist()) for row in values], "accuracy", ["m2"]
    )
    difference = np.diff(rng.normal(0, 0.01, (100_000, 2, CONFIRMATION_SEEDS)).mean(2)).std()
    assert told.noise_of_confirmation == pytest.approx(difference, rel=0.1)
    assert told.noise == pytest.approx(0.01 / math.sqrt(8), rel=0.1)


@pytest.mark.parametrize("values", [[[0.5, 0.6]] * 2, [[0.5]] * 9])
def test_of_few_trials_or_one_seed_the_noise_is_not_known(values):
    told = Told.of([trial(value=np.mean(row), seeds=row) for row in values], "accuracy", ["m2"])
    assert told.noise_of_confirmation is None


def test_noise_at_a_rung_is_not_that_of_the_end():
    """Early, seeds differ more, and it is trials that ended whose settings are told apart."""
    rng = np.random.default_rng(0)
    ended = 0.7 + rng.normal(0, 0.01, (50, 8))
    pruned = 0.5 + rng.normal(0, 0.1, (50, 8))
    trials = [trial(value=row.mean(), seeds=row.tolist()) for row in ended]
    rest = {"intermediate_values": {1: 0.5}}
    trials += [trial(TrialState.PRUNED, seeds=row.tolist(), **rest) for row in pruned]
    told = Told.of(trials, "accuracy", ["m2"])
    assert told.noise_of_confirmation == pytest.approx(
        0.01 * math.sqrt(2 / CONFIRMATION_SEEDS), rel=0.2
    )
