import optuna
import pytest

from sweeper.errors import UsageError
from sweeper.registry.pruners import PRUNERS
from sweeper.study.distributions import distributions
from sweeper.study.pruners.make import make_pruner, reduction_factor
from sweeper.study.samplers.make import make_sampler
from sweeper.study.trial_attributes import at_end, at_rungs

optuna.logging.set_verbosity(optuna.logging.ERROR)


def train(spec, n_batches, size):
    """Train batches of trials that differ in their m2 alone, and return the study.

    The best m2 is lowest; a trial is reported and asked about at the rungs only.
    """
    running = optuna.create_study(
        sampler=make_sampler(spec), pruner=make_pruner(spec), directions=spec.directions
    )
    sign = 1 if spec.directions == ["minimize"] else -1
    (objective,) = spec.objectives
    for _ in range(n_batches):
        alive = [running.ask(distributions(spec)) for _ in range(size)]
        for rung in spec.rungs:
            for trial in alive:
                value = 1 + sign * trial.params["m2"]
                seeds = [value - 0.01, value + 0.01 * (1 + trial.number % 3)]
                known = trial.user_attrs.get(at_rungs(objective), {})
                trial.set_user_attr(at_rungs(objective), {**known, str(rung): seeds})
                trial.report(value, rung)
            pruned = [trial for trial in alive if trial.should_prune()]
            for trial in pruned:
                running.tell(trial, state=optuna.trial.TrialState.PRUNED)
            alive = [trial for trial in alive if trial not in pruned]
        for trial in alive:
            value = 1 + sign * trial.params["m2"]
            trial.set_user_attr(at_end(objective), [value - 0.01, value + 0.01])
            running.tell(trial, value)
    return running


@pytest.mark.parametrize("objective", ["accuracy", "compactness"])
@pytest.mark.parametrize("name", [name for name in PRUNERS if name != "none"])
@pytest.mark.parametrize("rungs", [[1, 2, 4], [3], [2, 6, 7]])
def test_a_pruner_stops_bad_trials_at_rungs_and_keeps_good_ones(study, name, rungs, objective):
    spec = study(pruner=name, rungs=rungs, objectives=[objective], epochs=8, sampler="random")
    running = train(spec, n_batches=3, size=16)
    by_state = {state: [] for state in optuna.trial.TrialState}
    for trial in running.trials:
        by_state[trial.state].append(trial)
        assert set(trial.intermediate_values) <= set(rungs)
    complete = by_state[optuna.trial.TrialState.COMPLETE]
    pruned = by_state[optuna.trial.TrialState.PRUNED]
    assert len(complete) + len(pruned) == 48
    assert len(pruned) >= 8
    # Those of the first batch had nothing to be compared with, where a race is run.
    kept, gone = ([t.params["m2"] for t in s if t.number >= 16] for s in (complete, pruned))
    assert sum(kept) / len(kept) < sum(gone) / len(gone)


def test_no_pruner_stops_nothing(study):
    running = train(study(rungs=[1, 2]), n_batches=2, size=8)
    assert {trial.state for trial in running.trials} == {optuna.trial.TrialState.COMPLETE}


@pytest.mark.parametrize("sampler", ["tpe", "gp", "qmc", "random", "grid", "nsga2"])
def test_hyperband_goes_with_every_sampler(study, sampler):
    train(study(pruner="hyperband", epochs=8, sampler=sampler), n_batches=2, size=6)


@pytest.mark.parametrize(
    ("rungs", "factor"),
    [((1, 2, 4, 8), 2), ((1, 3, 9), 3), ((4,), 2), ((5, 6, 7), 2), ((1, 10), 10)],
)
def test_the_reduction_factor_follows_the_rungs(rungs, factor):
    assert reduction_factor(rungs) == factor


def test_an_unknown_pruner_names_the_nearest(study):
    spec = study(pruner="median").model_copy(update={"pruner": "medain"})
    with pytest.raises(UsageError, match="did you mean median"):
        make_pruner(spec)
