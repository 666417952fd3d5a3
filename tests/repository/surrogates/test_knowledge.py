"""What is predicted for a task, on repositories made by a known law."""

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.gains import TooLittleError
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.coordinates import points_with_rate
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.repository.surrogates.members import votes
from sweeper.repository.surrogates.responses import Smoothing

GRID = pd.DataFrame({"m1": 1.0, "m2": [0.1, 0.3, 0.5], "m3": 0.0, "scale": 16.0, "lr": 1e-3})


@pytest.fixture(scope="module")
def moving(world):
    return world(curve=0.4, moves=1.2).repository(sources=20, settings=16)


@pytest.fixture(scope="module")
def knowledge(moving):
    return Knowledge.of(moving, "accuracy")


def asked(knowledge, number=3, **change):
    task = knowledge.tasks.iloc[[number]].assign(**change)
    return task, knowledge.place(task)


def test_scenarios_are_deviations_from_what_the_others_predict(knowledge):
    """One scenario in plain loops."""
    _, place = asked(knowledge, f0=0.4)
    scenarios = knowledge.scenarios(GRID, place)
    stack, responses = knowledge.stack, knowledge.responses
    gains = responses.at(points_with_rate(GRID), stack.mean)
    mean = stack.weights(place)[0] @ gains
    np.testing.assert_allclose(scenarios.center, mean)
    deviation = np.array([own - stack.left_out[i] @ gains for i, own in enumerate(gains)])
    away = scenarios.compressed - mean
    np.testing.assert_allclose(away - away[0], deviation - deviation[0], atol=1e-12)
    assert scenarios.probability.sum() == pytest.approx(1)
    assert (scenarios.probability >= votes(stack.places.source) / 2).all()


def test_leaving_tasks_out_leaves_nothing_of_them(moving, knowledge):
    """Whatever was measured on them, the prediction without them is the same."""
    task, place = asked(knowledge)
    left_out = (knowledge.tasks["source"] == task["source"].iloc[0]).to_numpy()
    first = knowledge.without(left_out).scenarios(GRID, place)
    results = moving.results.copy()
    own = results["task"].isin(task["id"]) & (results["loss"] != "softmax")
    results.loc[own, "value"] -= 0.3
    other = Knowledge.of(
        Repository(moving.tasks, results), "accuracy", knowledge.responses.smoothing
    )
    second = other.without(left_out).scenarios(GRID, place)
    # The unit of compression is common to all tasks, and moves a little.
    np.testing.assert_allclose(first.gains, second.gains, atol=0.004)


def test_a_task_is_too_far_by_its_pictures_by_its_training_or_by_its_start(knowledge):
    for change, expected in (
        ({}, False),
        ({"f0": 40.0}, True),
        ({"samples": 10_000_000}, True),
        ({"start": "frozen"}, True),
    ):
        assert knowledge.too_far(*asked(knowledge, **change)) is expected


def test_the_limit_is_the_largest_distance_to_another_source(knowledge):
    places, (_, limit) = knowledge.places, knowledge.limits()
    nearest = []
    for i in range(20):
        away = [
            np.sqrt(((places.pictures[i] - places.pictures[j]) ** 2).sum())
            for j in range(20)
            if places.source[i] != places.source[j]
        ]
        nearest.append(min(away))
    assert limit == pytest.approx(max(nearest))


def test_unrelated_scenarios_are_the_tasks_of_the_start_where_there_are_enough(moving):
    def learn(frozen):
        starts = ["frozen" if i < frozen else "scratch" for i in range(20)]
        tasks = moving.tasks.assign(start=starts)
        return Knowledge.of(Repository(tasks, moving.results), "accuracy")

    enough, few = learn(4), learn(2)
    assert len(enough.unrelated(GRID, "frozen").probability) == 4
    assert len(few.unrelated(GRID, "frozen").probability) == 20
    assert len(enough.unrelated(GRID).probability) == 20
    own = enough.unrelated(GRID).compressed[:4]
    np.testing.assert_allclose(enough.unrelated(GRID, "frozen").compressed, own)


def test_what_was_fitted_before_is_used_again(moving, knowledge):
    smoothing, share = knowledge.responses.smoothing, knowledge.stack.share
    again = Knowledge.of(moving, "accuracy", smoothing, tuple(share))
    _, place = asked(knowledge)
    np.testing.assert_allclose(
        again.scenarios(GRID, place).gains, knowledge.scenarios(GRID, place).gains
    )
    constant = Knowledge.of(moving, "accuracy", smoothing, (1, 0, 0, 0, 0))
    weights = constant.stack.weights(place)[0]
    np.testing.assert_allclose(weights, 1 / 20)
    assert isinstance(smoothing, Smoothing)


def test_nothing_to_learn_from_is_said(world):
    with pytest.raises(TooLittleError, match="no task of the repository has accuracy"):
        Knowledge.of(Repository.empty(), "accuracy")
    one = world().repository(sources=1)
    bare = Repository(one.tasks.drop(columns=["f0", "f1", "f2", "f3"]), one.results)
    with pytest.raises(TooLittleError, match="no meta-feature in common"):
        Knowledge.of(bare, "accuracy")


def test_over_tuned_softmax_less_is_gained(world):
    """Every third task has plain softmax at a second rate, too, where it is two points better."""
    base = world(curve=0.3, moves=0.0).repository(sources=18, settings=12)
    plain = base.results[base.results["loss"] == "softmax"]
    chosen = plain[plain["task"].isin(base.tasks["id"][::3])]
    second = chosen.assign(lr=3e-3, value=chosen["value"] + 0.02)
    both = Repository(base.tasks, pd.concat([base.results, second]))
    knowledge = Knowledge.of(both, "accuracy")
    task = knowledge.tasks.iloc[[1]]
    gains = [
        float((scenarios.probability @ scenarios.gains)[1])
        for tuned in (True, False)
        for scenarios in [knowledge.scenarios(GRID, knowledge.place(task, tuned))]
    ]
    assert gains[0] == pytest.approx(0.03 - 0.02, abs=0.006)
    assert gains[1] == pytest.approx(0.03, abs=0.006)
    # Where no task is tuned there is nothing to tell apart.
    untuned = Knowledge.of(base, "accuracy")
    assert not untuned.place(task, tuned=True).tuned.any()
