"""The sampler that knows other tasks, on laws that the tasks know, do not know, or tell wrong."""

import math

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from sweeper.errors import UsageError
from sweeper.repository.surrogates.coordinates import Compression
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.study.distributions import distributions
from sweeper.study.samplers.make import make_sampler
from sweeper.study.samplers.proposing import Proposing, nothing_known
from sweeper.study.samplers.transfer import TransferSampler


class Told:
    """A repository of twelve tasks, each a quadratic law with a top of its own near a given one."""

    compression = Compression(0.05)

    def __init__(self, m2, scale):
        rng = np.random.default_rng(0)
        self.tops = np.array([m2, math.log(scale)]) + rng.normal(0, [0.05, 0.2], (12, 2))

    def scenarios(self, rows):
        m2, log_scale = rows["m2"].to_numpy(), np.log(rows["scale"].to_numpy())
        gains = np.array([0.05 - away(m2, log_scale, *top) for top in self.tops])
        return Scenarios(
            self.compression.compress_gain(gains), np.full(12, 1 / 12), self.compression
        )


def away(m2, log_scale, best, log_best):
    return 0.3 * (m2 - best) ** 2 + 0.01 * (log_scale - log_best) ** 2


def accuracy(params, best=0.5, scale=16.0):
    return 0.8 - away(params["m2"], math.log(params["scale"]), best, math.log(scale))


@pytest.fixture
def spec(study):
    space = {"m2": {"low": -0.2, "high": 0.8}, "scale": {"low": 2, "high": 128, "log": True}}
    return study(sampler="transfer", loss="arcface", space=space)


def search(spec, number, known=nothing_known, law=accuracy, at_once=1):
    study = optuna.create_study(sampler=make_sampler(spec, 0, known), directions=spec.directions)
    for _ in range(number // at_once):
        for trial in [study.ask(distributions(spec)) for _ in range(at_once)]:
            study.tell(trial, law(trial.params))
    return study


def lost(study):
    return 100 * (0.8 - max(trial.value for trial in study.trials))


def test_the_first_trial_is_what_the_tasks_say(spec):
    study = search(spec, 1, lambda: Told(0.5, 16.0))
    assert lost(study) < 0.3


def test_where_the_tasks_are_right_few_trials_find_the_best(spec):
    study = search(spec, 6, lambda: Told(0.45, 20.0))
    assert lost(study) < 0.2
    assert lost(search(spec, 6)) > lost(study)


def test_where_the_tasks_lie_the_trials_find_the_best_all_the_same(spec):
    study = search(spec, 14, lambda: Told(-0.15, 120.0))
    assert lost(study) < 0.3


class Liar(Told):
    """A repository whose twelve tasks say together the opposite of the truth, and by far."""

    def scenarios(self, rows):
        told = super().scenarios(rows)
        wrong = self.compression.compress_gain(-3 * self.compression.decompress(told.compressed))
        return Scenarios(wrong, told.probability, self.compression)


def test_a_repository_that_lies_costs_a_batch(spec):
    """Its first settings are the worst; the next ones find the best as if it had said nothing."""
    lied = search(spec, 18, lambda: Liar(0.5, 16.0), at_once=6)
    first = [100 * (0.8 - trial.value) for trial in lied.trials[:6]]
    assert max(first) > 5
    assert lost(lied) < 0.3


def test_where_the_tasks_lie_a_search_does_not_settle_on_what_they_say(spec):
    sampler = TransferSampler(Proposing(spec, 0, lambda: Liar(0.5, 16.0)))
    study = optuna.create_study(sampler=sampler, directions=spec.directions)
    tell = with_seeds(accuracy, 0.004)
    while (outlook := sampler.outlook(study)) is None or not outlook.settled:
        for trial in [study.ask(distributions(spec)) for _ in range(6)]:
            tell(study, trial)
        assert len(study.trials) <= 36
    assert lost(study) < 0.5


def test_without_a_repository_it_finds_the_best_by_its_trials(spec):
    assert lost(search(spec, 16)) < 0.3


def test_trials_at_once_are_apart(spec):
    study = search(spec, 8, lambda: Told(0.5, 16.0), at_once=8)
    points = [(t.params["m2"] / 0.3, math.log(t.params["scale"])) for t in study.trials]
    apart = [math.dist(a, b) for i, a in enumerate(points) for b in points[:i]]
    assert min(apart) > 0.05


def test_what_diverges_is_avoided(spec):
    def law(params):
        return accuracy(params) if params["scale"] < 40 else None

    study = optuna.create_study(
        sampler=make_sampler(spec, 0, lambda: Told(0.5, 100.0)), directions=spec.directions
    )
    for _ in range(16):
        trial = study.ask(distributions(spec))
        value = law(trial.params)
        if value is None:
            trial.set_user_attr("cause", "non-finite: the loss is nan")
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, value)
    late = [trial.state for trial in study.trials[-6:]]
    assert late.count(TrialState.COMPLETE) >= 5


def test_every_trial_diverging_is_no_end(spec):
    study = optuna.create_study(
        sampler=make_sampler(spec, 0, lambda: Told(0.5, 16.0)), directions=spec.directions
    )
    for _ in range(4):
        trial = study.ask(distributions(spec))
        trial.set_user_attr("cause", "non-finite: the loss is nan")
        study.tell(trial, state=TrialState.FAIL)
    assert len({trial.params["m2"] for trial in study.trials}) > 1


def test_every_trial_of_many_at_once_diverging_is_no_end(spec):
    sampler = TransferSampler(Proposing(spec, 0, lambda: Told(0.5, 16.0)))
    study = optuna.create_study(sampler=sampler, directions=spec.directions)
    for _ in range(2):
        for trial in [study.ask(distributions(spec)) for _ in range(4)]:
            trial.set_user_attr("cause", "non-finite: the loss is nan")
            study.tell(trial, state=TrialState.FAIL)
    assert sampler.outlook(study) is None
    points = {tuple(trial.params.values()) for trial in study.trials}
    assert len(points) == 8


def test_seeds_that_disagree_are_told_as_noise(spec):
    """Seeds that differ by more than any setting gains: the search settles, and says why."""
    late = looked_at(spec, 20, accuracy, noise=0.1)
    assert late.noise == pytest.approx(0.1 * math.sqrt(2 / 12), rel=0.5)
    assert late.settled


def test_a_constant_objective_is_no_end(spec):
    study = search(spec, 6, lambda: Told(0.5, 16.0), law=lambda params: 0.5)
    assert len(study.trials) == 6


def test_lost_trials_and_trials_without_parameters_say_nothing(spec):
    study = optuna.create_study(
        sampler=make_sampler(spec, 0, lambda: Told(0.5, 16.0)), directions=spec.directions
    )
    study.tell(study.ask(), state=TrialState.FAIL)
    trial = study.ask(distributions(spec))
    trial.set_user_attr("cause", "lost: no sign of life")
    study.tell(trial, state=TrialState.FAIL)
    again = study.ask(distributions(spec))
    assert (
        math.dist(
            (trial.params["m2"], math.log(trial.params["scale"])),
            (again.params["m2"], math.log(again.params["scale"])),
        )
        < 0.3
    )


def test_whole_numbers_choices_and_steps_are_kept(study):
    space = {
        "m2": {"low": 0.0, "high": 0.8, "step": 0.1},
        "scale": {"choices": [8.0, 16.0, 32.0]},
        "lr": {"low": 1e-4, "high": 1e-2, "log": True},
    }
    found = search(
        study(sampler="transfer", loss="arcface", space=space), 5, lambda: Told(0.5, 16.0)
    )
    for trial in found.trials:
        assert trial.params["scale"] in (8.0, 16.0, 32.0)
        assert round(10 * trial.params["m2"], 9) == round(10 * trial.params["m2"])


def test_two_objectives_are_refused(study):
    with pytest.raises(UsageError, match="transfer takes one objective"):
        study(sampler="transfer", objectives=["accuracy", "retrieval"])


def with_seeds(law, noise):
    rng = np.random.default_rng(0)

    def tell(study, trial):
        value = law(trial.params)
        trial.set_user_attr("accuracy of each seed", list(value + rng.normal(0, noise, 4)))
        study.tell(trial, value)

    return tell


def looked_at(spec, number, law, noise=0.004):
    sampler = TransferSampler(Proposing(spec, 0, lambda: Told(0.5, 16.0)))
    study = optuna.create_study(sampler=sampler, directions=spec.directions)
    tell = with_seeds(law, noise)
    for _ in range(number):
        tell(study, study.ask(distributions(spec)))
    return sampler.outlook(study)


def test_the_outlook_falls_below_the_noise_once_the_best_is_found(spec):
    late = looked_at(spec, 12, accuracy)
    assert late.trials == 12
    assert late.noise == pytest.approx(0.004 * math.sqrt(2 / 12), rel=0.5)
    assert late.settled
    assert not looked_at(spec, 9, accuracy).settled  # too few to be sure


def test_the_outlook_says_what_is_gained_where_the_best_is_elsewhere(spec):
    """After trials at the wrong end alone, the tasks' best is expected to gain what it does."""
    sampler = TransferSampler(Proposing(spec, 0, lambda: Told(0.5, 16.0)))
    study = optuna.create_study(sampler=sampler, directions=spec.directions)
    tell = with_seeds(accuracy, 0.004)
    for m2 in (-0.2, -0.15, -0.1):
        study.enqueue_trial({"m2": m2, "scale": 60.0})
        tell(study, study.ask(distributions(spec)))
    best = max(trial.value for trial in study.trials)
    assert sampler.outlook(study).gain == pytest.approx(0.8 - best, rel=0.3)


@pytest.mark.parametrize("budget", [1, 2])
def test_there_is_no_outlook_after_too_few_trials(spec, budget):
    assert looked_at(spec, budget, accuracy) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_constant_objective_settles(spec, known):
    sampler = TransferSampler(
        Proposing(spec, 0, (lambda: Told(0.5, 16.0)) if known else nothing_known)
    )
    study = optuna.create_study(sampler=sampler, directions=spec.directions)
    for _ in range(15):
        trial = study.ask(distributions(spec))
        trial.set_user_attr("accuracy of each seed", [0.25] * 4)
        study.tell(trial, 0.25)
    assert sampler.outlook(study).settled


def test_no_share_is_expected_to_exceed_all(spec):
    """What is left above the best of random values is all there is to gain."""
    rng = np.random.default_rng(0)
    values = []

    def law(params):
        values.append(0.99 - 0.3 * float(rng.uniform()))
        return values[-1]

    assert 0 <= looked_at(spec, 12, law, noise=0.0).gain <= 1 - max(values)
