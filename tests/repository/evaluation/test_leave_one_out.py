import numpy as np
import pandas as pd
import pytest

from sweeper.repository.evaluation.leave_one_out import leave_sources_out
from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import Constant


@pytest.fixture(scope="module")
def repository(world):
    return world().repository(sources=5, per_source=2, settings=8, seeds=2)


def held_out(repository):
    known = gains(repository, "accuracy")
    return {each.task: each for each in leave_sources_out(repository, known, (Constant(),))}


def test_a_source_knows_nothing_of_itself(repository):
    """What its own tasks scored changes no prediction for them, nor their nearest task."""
    results = repository.results.copy()
    own = results["task"].str.startswith("t2-")
    # Only plainly different scores: the unit of the gains may change, but not what is predicted.
    rng = np.random.default_rng(0)
    noisy = results["value"] + rng.permutation([1e-3, -1e-3] * (len(results) // 2))
    results["value"] = results["value"].where(~own, noisy)
    before, after = held_out(repository), held_out(Repository(repository.tasks, results))
    for task in ("t2-0", "t2-1"):
        first, second = before[task], after[task]
        assert first.nearest == second.nearest
        order = first.constant.argsort()
        np.testing.assert_array_equal(order, second.constant.argsort())
    changed = [t for t in before if not np.allclose(before[t].mean, after[t].mean, rtol=1e-3)]
    assert changed


def test_every_task_is_held_out_once_with_all_its_settings(repository):
    found = held_out(repository)
    assert sorted(found) == sorted(repository.tasks["id"])
    known = gains(repository, "accuracy").set_index("task")
    for task, each in found.items():
        rows = known.loc[task]
        rows = rows[rows["loss"] != "softmax"]
        np.testing.assert_allclose(each.measured, rows["gain"])
        assert each.mean.shape == (1, 8)
        assert each.source == "s" + task[1]


def test_a_task_apart_from_all_others_is_too_far(repository):
    tasks = repository.tasks.copy()
    tasks.loc[tasks["source"] == "s4", "f0"] = 100.0
    found = held_out(Repository(tasks, repository.results))
    assert found["t4-0"].too_far
    assert found["t4-1"].too_far
    assert not found["t0-0"].too_far


def test_one_source_leaves_nothing_to_learn_from(repository):
    tasks = repository.tasks.assign(source="all")
    assert held_out(Repository(tasks, repository.results)) == {}
    assert (
        held_out(Repository(tasks.iloc[:0], pd.DataFrame(columns=repository.results.columns))) == {}
    )
