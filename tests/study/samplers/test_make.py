import math

import optuna
import pytest

from sweeper.errors import UsageError
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.samplers import SAMPLERS, search_samplers
from sweeper.store.optuna_storage import worker_storage
from sweeper.study.distributions import distributions, grid_space
from sweeper.study.samplers.grid import is_exhausted
from sweeper.study.samplers.make import make_sampler
from sweeper.study.samplers.others import POPULATION

optuna.logging.set_verbosity(optuna.logging.ERROR)


def create(spec, rank=0):
    return optuna.create_study(sampler=make_sampler(spec, rank), directions=spec.directions)


def point(trial):
    p = trial.params
    return (p["m2"], p["m3"] / 0.6, math.log(p["scale"] / 2) / math.log(64))


def values(trial, count):
    """Give a trial a value for each objective, best at m2 = 0.3, m3 = 0.1, scale = 16."""
    x, y, z = point(trial)
    score = -((x - 0.3) ** 2) - (y - 0.17) ** 2 - (z - 0.5) ** 2
    return [score, score - 0.1 * x, -score][:count]


def batch(study, spec, size=16):
    return [study.ask(distributions(spec)) for _ in range(size)]


@pytest.mark.parametrize("objectives", [["accuracy"], list(OBJECTIVES)], ids=["one", "several"])
@pytest.mark.parametrize("name", [name for name in search_samplers() if name != "gp"])
def test_sixteen_at_once_are_distinct_before_and_after_results(study, name, objectives):
    if len(objectives) > (SAMPLERS[name].most_objectives or len(objectives)):
        pytest.skip("takes fewer objectives")
    spec = study(sampler=name, objectives=objectives)
    running = create(spec)
    for _ in range(2):
        asked = batch(running, spec)
        assert len({point(trial) for trial in asked}) == 16
        for trial in asked:
            running.tell(trial, values(trial, len(objectives)))


@pytest.mark.parametrize("objectives", [["accuracy"], ["accuracy", "retrieval"]])
def test_gp_gives_distinct_points_for_one_objective_and_several(study, objectives):
    spec = study(sampler="gp", objectives=objectives)
    running = create(spec)
    for size in (12, 3):  # from the tenth result on the points come from the Gaussian process
        asked = batch(running, spec, size)
        points = [point(trial) for trial in asked]
        apart = [math.dist(a, b) for i, a in enumerate(points) for b in points[:i]]
        assert min(apart) > 1e-3
        for trial in asked:
            running.tell(trial, values(trial, len(objectives)))


@pytest.mark.parametrize("name", ["tpe", "nsga2"])
def test_a_sampler_that_learns_gets_nearer_to_the_best(study, name):
    spec = study(sampler=name)
    running = create(spec)
    for _ in range(5):
        for trial in batch(running, spec):
            running.tell(trial, values(trial, 1))
    scores = [trial.value for trial in running.trials]
    assert len(scores) == 5 * POPULATION
    assert sum(scores[-16:]) / 16 > sum(scores[:16]) / 16 + 0.05


def test_tpe_gets_nearer_by_the_last_and_the_best_alone(quick, start, monkeypatch):
    monkeypatch.setattr(worker_storage, "RECENT", 30)
    spec = quick(sampler="tpe")
    running = start(spec).optuna_study()
    for _ in range(6):
        for trial in batch(running, spec):
            running.tell(trial, values(trial, 1))
    scores = [trial.value for trial in running.trials]
    assert len(scores) == 96
    assert sum(scores[-16:]) / 16 > sum(scores[:16]) / 16 + 0.05


@pytest.mark.parametrize("name", ["tpe", "qmc", "random", "nsga2"])
def test_workers_of_different_rank_propose_different_points(study, name):
    spec = study(sampler=name)
    seen = [[point(trial) for trial in batch(create(spec, rank), spec)] for rank in (0, 1, 0)]
    assert seen[0] == seen[2]
    assert not set(seen[0]) & set(seen[1])


def test_workers_share_the_order_of_a_grid(study):
    spec = study(sampler="grid")
    one, other = (batch(create(spec, rank), spec) for rank in (0, 1))
    assert [point(trial) for trial in one] == [point(trial) for trial in other]


def test_a_grid_is_worked_through_without_an_error_and_once(study):
    spec = study(sampler="grid")
    running = create(spec)
    assert spec.n_trials == 3 * 4 * 3
    while not is_exhausted(running.sampler, running):
        left = spec.n_trials - len(running.trials)
        for trial in batch(running, spec, min(16, left)):
            running.tell(trial, values(trial, 1))
    grid = grid_space(spec)
    expected = {(a, b, c) for a in grid["m2"] for b in grid["m3"] for c in grid["scale"]}
    found = [(t.params["m2"], t.params["m3"], t.params["scale"]) for t in running.trials]
    assert len(found) == len(expected)
    assert set(found) == expected


def test_only_a_grid_ends_by_itself(study):
    spec = study(sampler="random")
    running = create(spec)
    running.tell(batch(running, spec, 1)[0], 0.5)
    assert not is_exhausted(running.sampler, running)


def test_an_unknown_sampler_names_the_nearest(study):
    spec = study().model_copy(update={"sampler": "tpee"})
    with pytest.raises(UsageError, match="did you mean tpe"):
        make_sampler(spec)


@pytest.mark.parametrize("name", search_samplers())
def test_seed_and_rank_may_be_large(study, name):
    spec = study(sampler=name, seed=2**31)
    assert len(batch(create(spec, rank=2**40), spec, 2)) == 2
