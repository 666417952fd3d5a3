"""How much a task counts: by its length, its seeds and its noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from sweeper.repository.task_weights import OwnTasks, share_of, task_weights
from tests.support.plans import PLAN


@pytest.fixture(scope="module")
def known(world):
    """Twelve tasks of four seeds that saw as much as `PLAN`."""
    return world(curve=0.4).repository(sources=12)


def with_own(world, known, seeds=4, noise=0.004, **columns):
    """What is known, with a task on the user's own data."""
    law = world(5, curve=0.4, noise=noise)
    described, rows = law.task("own", "mine", np.zeros(4), seeds=seeds)
    described |= {"start": "scratch", "samples": 10_000, "split": "images", **columns}
    tasks = pd.concat([known.tasks, pd.DataFrame([described])])
    return Repository(tasks, pd.concat([known.results, pd.DataFrame(rows)]))


def weights_of(repository, plan=PLAN, same=("own",)):
    return task_weights(repository.tasks, gains(repository, "accuracy"), plan, same)


def test_a_task_as_long_as_the_plan_counts_most_and_the_order_is_by_length(known):
    tasks = known.tasks.assign(samples=np.geomspace(1_000, 1_000_000, 12).astype(int))
    weights = weights_of(Repository(tasks, known.results), replace(PLAN, num_train=3_200), ())
    assert list(weights.index) == list(known.tasks["id"])
    assert weights.between(0, 1, inclusive="right").all()
    nearest = int(np.abs(np.log(tasks["samples"] / 32_000)).argmin())
    assert int(weights.argmax()) == nearest
    assert weights.iloc[: nearest + 1].is_monotonic_increasing
    assert weights.iloc[nearest:].is_monotonic_decreasing


def test_a_plan_beyond_all_leaves_the_tasks_as_they_are_to_each_other(known):
    here, beyond = (weights_of(known, replace(PLAN, epochs=e), ()) for e in (10, 10**9))
    assert (beyond > 0).all()
    np.testing.assert_allclose(here / here.sum(), beyond / beyond.sum())


def test_few_seeds_and_much_noise_count_less(world, known):
    full = weights_of(with_own(world, known), same=())["own"]
    single = weights_of(with_own(world, known, seeds=1), same=())["own"]
    noisy = weights_of(with_own(world, known, noise=0.1), same=())["own"]
    assert noisy < single < full
    assert full > 0.9


def test_a_trial_run_of_two_epochs_counts_little(world, known):
    trial = with_own(world, known, seeds=1, epochs=1, samples=1_000)
    weights = weights_of(trial)
    assert share_of(weights, ["own"]) < 0.02
    before = weights_of(known)
    np.testing.assert_allclose(weights.drop("own") / before, 1, atol=0.3)


def test_a_whole_search_on_the_very_data_outweighs_all_others(world, known):
    whole = with_own(world, known)
    assert share_of(weights_of(whole), ["own"]) > 0.75
    assert share_of(weights_of(whole, same=()), ["own"]) == pytest.approx(1 / 13, abs=0.01)


def test_another_net_is_trusted_by_half_and_another_start_not_at_all(world, known):
    shares = [
        share_of(weights_of(with_own(world, known, **columns)), ["own"])
        for columns in ({}, {"net": "lenet"}, {"start": "frozen"})
    ]
    assert shares[0] > 2 * shares[1] > 2 * shares[2]
    assert shares[2] == pytest.approx(1 / 13, abs=0.01)


def test_a_note_tells_how_much_ones_own_tasks_count():
    weights = pd.Series([0.5, 0.25, 0.25], index=["a", "b", "c"])
    assert OwnTasks(frozenset("ab"), frozenset("b")).note(weights) == (
        "shares in the prediction: the 2 tasks of your database: 75%, the task on these very data: "
        "25%",
    )
    assert OwnTasks(frozenset("x")).note(weights) == ()
    assert OwnTasks().note(weights) == ()
