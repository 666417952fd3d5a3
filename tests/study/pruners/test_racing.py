"""The race: what is told apart is dropped, and nothing else; compared with scipy and by drawing."""

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from scipy.stats import ttest_rel

from sweeper.study.pruners.racing import RacingPruner, chance_of_best, crossing, typical_noise
from sweeper.study.trial_attributes import PROPOSED_BY, at_end, at_rungs

GOOD, BAD = [0.90, 0.91, 0.92, 0.91], [0.70, 0.72, 0.71, 0.71]
#: Orders of four seeds: trials that differ over each seed, and not in their means.
ORDERS = ([0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0])


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_the_lead_alone_is_a_paired_t_test(seeds):
    rng = np.random.default_rng(seeds)
    for _ in range(20):
        common = rng.normal(0, 0.1, seeds)
        best, other = (common + rng.normal(mean, 0.02, seeds) for mean in (0.8, 0.79))
        expected = ttest_rel(best, other, alternative="greater").pvalue
        assert chance_of_best(best - other) == pytest.approx(expected)


def test_no_verdict_where_all_seeds_differ_by_the_same():
    assert chance_of_best(np.full(4, 0.1)) == 1
    assert chance_of_best(np.zeros(4), noise=0.0) == 1


@pytest.mark.parametrize("seeds", [2, 4])
def test_a_field_of_trials_makes_few_seeds_tell_more_at_the_same_level(seeds):
    """Of equals one in twenty is told apart; of two that differ, more than without the field."""
    rng = np.random.default_rng(0)
    equal, moderated, alone = [], [], []
    for _ in range(2000):
        table = rng.normal(0.8, 0.01, (12, seeds)) + rng.normal(0, 0.1, seeds)
        lead, noise = table[0] - table[1], typical_noise(table)
        equal.append(chance_of_best(lead, noise))
        moderated.append(chance_of_best(lead + 0.02, noise))
        alone.append(chance_of_best(lead + 0.02))
    assert np.mean(np.array(equal) < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(np.array(moderated) < 0.05) > np.mean(np.array(alone) < 0.05) + 0.1


def test_noise_is_that_of_a_difference_without_what_seeds_have_in_common():
    rng = np.random.default_rng(0)
    table = rng.normal(0.8, 0.02, (400, 4)) + rng.normal(0, 0.2, 4)
    pairs = table[::2] - table[1::2]
    assert typical_noise(table) == pytest.approx(pairs.var(axis=1, ddof=1).mean(), rel=0.15)
    assert typical_noise(table[:2]) is None


def test_leads_may_change_as_gains_differ():
    assert crossing(np.array([0.1])) == pytest.approx(2 * 0.01**2)
    gains = np.random.default_rng(0).normal(0.2, 0.05, 2000)
    changes = np.diff(gains.reshape(-1, 2)).var()
    assert crossing(gains) == pytest.approx(changes, rel=0.1)


class Race:
    """A study whose trials are reported and asked about as a worker does, at one rung."""

    def __init__(self, objective="accuracy", direction="maximize", storage=None):
        self.objective = objective
        self.study = optuna.create_study(
            storage=storage,
            study_name="race",
            direction=direction,
            pruner=RacingPruner(objective),
            load_if_exists=True,
        )

    def start(self, seeds, epoch=1, **attributes):
        """Begin a trial and report it."""
        trial = self.study.ask()
        for name, value in attributes.items():
            trial.set_user_attr(name, value)
        trial.set_user_attr(at_rungs(self.objective), {str(epoch): seeds})
        trial.report(float(np.mean(seeds)), epoch)
        return trial

    def finish(self, seeds, later, **attributes):
        """Train a trial to its end."""
        trial = self.start(seeds, **attributes)
        trial.set_user_attr(at_end(self.objective), later)
        self.study.tell(trial, float(np.mean(later)))


def test_who_is_told_apart_is_dropped_and_who_is_not_goes_on():
    race = Race()
    for order in ORDERS:
        race.finish([GOOD[k] for k in order], [GOOD[k] + 0.01 for k in order])
    assert race.start(BAD).should_prune()
    assert not race.start(GOOD).should_prune()
    assert not race.start([x - 0.002 for x in reversed(GOOD)]).should_prune()
    assert not race.start([0.99] * 4).should_prune()


def test_what_is_minimized_is_better_the_less():
    race = Race("compactness", "minimize")
    for order in ORDERS:
        race.finish([BAD[k] for k in order], [BAD[k] - 0.01 for k in order])
    assert race.start(GOOD).should_prune()
    assert not race.start(BAD).should_prune()


def test_seeds_that_disagree_tell_nothing_apart():
    race = Race()
    for shift in (0.0, 0.3, -0.3, 0.1):
        race.finish([0.9 + shift, 0.9 - shift, 0.9, 0.9], GOOD)
    assert not race.start([0.2, 1.0, 0.9, 0.9]).should_prune()


def test_curves_that_crossed_before_may_cross_again():
    late, parallel = Race(), Race()
    for seeds, gain in ((GOOD, 0.01), (BAD, 0.2), ([0.8, 0.82, 0.81, 0.81], 0.1)):
        late.finish(seeds, [x + gain for x in seeds])
        parallel.finish(seeds, [x + 0.1 for x in seeds])
    behind = [x - 0.1 for x in GOOD]
    assert not late.start(behind).should_prune()
    assert parallel.start(behind).should_prune()


def test_nothing_is_dropped_before_a_trial_has_finished():
    race = Race()
    trials = [race.start(GOOD), race.start(BAD)]
    assert not any(trial.should_prune() for trial in trials)
    race.finish(GOOD, GOOD)
    assert not race.start(BAD, epoch=2).should_prune()  # none finished that was reported there
    assert race.start(BAD).should_prune()


def test_what_a_search_begins_with_waits_for_one_of_its_own():
    race, mine = Race(), {PROPOSED_BY: "the repository"}
    race.finish(GOOD, GOOD)
    first = race.start(BAD, **mine)
    assert not first.should_prune()
    assert race.start(BAD).should_prune()
    race.finish(GOOD, GOOD, **mine)
    assert first.should_prune()


@pytest.mark.parametrize("state", [TrialState.PRUNED, TrialState.FAIL])
def test_who_fell_back_is_no_measure(state):
    race = Race()
    early = race.start([0.99, 0.98, 0.99, 0.98])
    race.finish(GOOD, GOOD)
    assert race.start(GOOD).should_prune()
    race.study.tell(early, state=state)
    assert not race.start(GOOD).should_prune()


def test_trials_of_other_workers_count(tmp_path):
    url = f"sqlite:///{tmp_path / 'race.db'}"
    mine, theirs = Race(storage=url), Race(storage=url)
    theirs.finish([0.5] * 4, [0.52, 0.5, 0.51, 0.5])
    trial = mine.start(BAD)
    assert not trial.should_prune()
    theirs.start(GOOD)
    assert trial.should_prune()


@pytest.mark.parametrize("seeds", [[0.1], [0.9, None]])
def test_of_one_seed_or_with_one_missing_nothing_is_told(seeds):
    race = Race()
    race.finish(GOOD, GOOD)
    trial = race.study.ask()
    trial.set_user_attr(at_rungs("accuracy"), {"1": seeds})
    trial.report(0.1, 1)
    assert not trial.should_prune()
    assert not race.study.ask().should_prune()
