"""How much a task can say: by its length, its seeds and its noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from sweeper.repository.task_weights import OwnTasks, share_of, shares_of_same, task_weights
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


def weights_of(repository, plan=PLAN, same=()):
    return task_weights(repository.tasks, gains(repository, "accuracy"), plan, same)


def shares_of(repository, same=("own",)):
    return shares_of_same(repository.tasks, weights_of(repository, same=same), PLAN, same)


def test_a_task_as_long_as_the_plan_counts_most_and_the_order_is_by_length(known):
    tasks = known.tasks.assign(samples=np.geomspace(4_000, 250_000, 12).astype(int))
    weights = weights_of(Repository(tasks, known.results), replace(PLAN, num_train=3_200))
    assert list(weights.index) == list(known.tasks["id"])
    assert weights.between(0, 1, inclusive="right").all()
    nearest = int(np.abs(np.log(tasks["samples"] / 32_000)).argmin())
    assert int(weights.argmax()) == nearest
    assert weights.iloc[: nearest + 1].is_monotonic_increasing
    assert weights.iloc[nearest:].is_monotonic_decreasing


def test_a_plan_beyond_all_leaves_the_tasks_as_they_are_to_each_other(known):
    here, beyond = (weights_of(known, replace(PLAN, epochs=e)) for e in (10, 10**9))
    assert (beyond > 0).all()
    np.testing.assert_allclose(here / here.sum(), beyond / beyond.sum())


def test_few_seeds_and_much_noise_count_less(world, known):
    full = weights_of(with_own(world, known))["own"]
    single = weights_of(with_own(world, known, seeds=1))["own"]
    noisy = weights_of(with_own(world, known, noise=0.1))["own"]
    assert noisy < single < full
    assert full > 0.9


def test_a_search_on_a_part_of_the_very_data_is_as_long_as_its_epochs(world, known):
    part = with_own(world, known, samples=6_000, num_train=600)
    assert weights_of(part)["own"] < 0.8 < weights_of(part, same=("own",))["own"]
    longer = with_own(world, known, samples=48_000, num_train=600, epochs=80)
    assert weights_of(longer, same=("own",))["own"] < 0.1


def test_the_very_data_have_the_share_that_they_can_say(world, known):
    whole = with_own(world, known)
    shares = shares_of(whole)
    assert shares["own"] == weights_of(whole)["own"]
    assert (shares.drop("own") == 0).all()
    assert (shares_of(whole, ()) == 0).all()
    trial = with_own(world, known, seeds=1, epochs=1, samples=1_000)
    assert 0 < shares_of(trial)["own"] < 0.05


def test_several_tasks_on_the_very_data_share_what_the_best_can_say(world, known):
    both = with_own(world, with_own(world, known), seeds=1, id="short", epochs=1, samples=1_000)
    results = both.results
    doubled = results[results["task"] == "own"].assign(task="short")
    both = Repository(both.tasks, pd.concat([known.results, results, doubled]).drop_duplicates())
    shares = shares_of(both, ("own", "short"))
    weights = weights_of(both)
    assert shares.sum() == pytest.approx(weights[["own", "short"]].max())
    assert shares["own"] / shares["short"] == pytest.approx(weights["own"] / weights["short"])


def test_another_net_is_trusted_by_half_and_another_start_not_at_all(world, known):
    shares = [
        shares_of(with_own(world, known, **columns))["own"]
        for columns in ({}, {"net": "lenet"}, {"start": "frozen"})
    ]
    assert shares[1] == pytest.approx(shares[0] / 2)
    assert shares[2] == 0


def test_a_note_tells_how_much_ones_own_tasks_count():
    weights = pd.Series([0.5, 0.25, 0.25], index=["a", "b", "c"])
    assert OwnTasks(frozenset("ab"), frozenset("b")).note(weights) == (
        "75 % of this prediction comes from your database (2 tasks), including 25 % from results "
        "on this very data set (1 task)",
    )
    assert OwnTasks(frozenset("a"), frozenset("b")).note(weights) == (
        "50 % of this prediction comes from your database (1 task) and 25 % from results on this "
        "very data set (1 task)",
    )
    assert OwnTasks(frozenset("a"), frozenset("a")).note(weights) == (
        "50 % of this prediction comes from your results on this very data set (1 task)",
    )
    little = pd.Series([0.004, 0.996], index=["a", "b"])
    (said,) = OwnTasks(frozenset("a")).note(little)
    assert said == "under 1 % of this prediction comes from your database (1 task)"
    assert share_of(weights, "c") == 0.25
    assert OwnTasks(frozenset("x")).note(weights) == ()
    assert OwnTasks().note(weights) == ()
