"""The tasks of the atlas, as their file has them."""

from collections import Counter

import pytest

from sweeper.data import names, parse
from tools.atlas.tasks import AtlasTask, atlas_tasks

TASKS = atlas_tasks()


def test_there_are_enough_and_no_two_are_the_same():
    different = {(t.dataset, t.net, t.held_out, t.samples, t.batch_size) for t in TASKS}
    assert len(different) >= 50
    assert len({task.name for task in TASKS}) == len(TASKS)


def test_their_data_are_built_in():
    built_in = {item.name for item in names()}
    assert {parse(task.dataset)[0] for task in TASKS} <= built_in


def test_nets_budgets_and_terms_vary():
    assert len({task.net for task in TASKS}) >= 4
    assert sum(task.terms for task in TASKS) >= 15
    assert max(task.samples for task in TASKS) <= 15_000
    varied = Counter((task.dataset, task.net, task.held_out) for task in TASKS)
    assert sum(count > 1 for count in varied.values()) >= 10


@pytest.mark.parametrize(("images", "epochs"), [(100, 100), (9_999, 1), (4_400, 2), (60_000, 1)])
def test_a_budget_is_whole_epochs(images, epochs):
    assert AtlasTask("digits", "compact").epochs(images) == epochs
