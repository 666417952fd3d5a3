"""The tasks of the atlas, as their file has them."""

from collections import Counter

import pytest

from sweeper.data import names, parse
from tools.atlas.tasks import AtlasTask, atlas_tasks
from tools.atlas.write import earlier

TASKS = atlas_tasks()


def test_there_are_enough_and_no_two_are_the_same():
    different = {(t.dataset, t.net, t.held_out, t.samples, t.batch_size) for t in TASKS}
    assert len(different) >= 50
    assert len({task.name for task in TASKS}) == len(TASKS)


def test_their_data_are_built_in_or_made():
    built_in = {item.name for item in names()}
    assert {parse(task.dataset)[0] for task in TASKS if not task.source} <= built_in
    assert not {parse(task.dataset)[0] for task in TASKS if task.source} & built_in


def test_data_that_were_made_lie_below_the_data_root(monkeypatch, tmp_path):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    task = AtlasTask("clouds[per_class=5]", "linear", source="sky")
    path = tmp_path / "atlas" / "clouds.npz"
    assert task.location == f"{path}[per_class=5]"
    assert not task.is_here()
    path.parent.mkdir()
    path.touch()
    assert task.is_here()
    assert AtlasTask("digits", "lenet").is_here()
    assert AtlasTask("digits", "lenet").location == "digits"


def test_nets_budgets_and_terms_vary():
    assert len({task.net for task in TASKS}) >= 4
    assert sum(task.terms for task in TASKS) >= 15
    assert {15_000, 100_000, 500_000} <= {task.samples for task in TASKS}
    varied = Counter((task.dataset, task.net, task.held_out) for task in TASKS)
    assert sum(count > 1 for count in varied.values()) >= 10


def test_the_longer_trainings_have_three_rates_over_a_factor_of_ten():
    usual = AtlasTask.embedding, 128
    wide = [
        task
        for task in TASKS
        if task.samples == 100_000 and (task.embedding, task.batch_size) == usual
    ]
    assert len({task.source for task in wide}) >= 6
    for task in wide:
        low, high = task.rates_aside
        assert low < task.lr < high == pytest.approx(10 * low)


def test_batches_and_embeddings_vary_on_five_data_sets_at_one_rate():
    of = [task for task in TASKS if task.chosen and not task.rates]
    for name, levels in (("batch_size", {32, 256}), ("embedding", {16, 256})):
        usual = getattr(next(task for task in TASKS if task.rates), name)
        varied = {(t.dataset, getattr(t, name)) for t in of if getattr(t, name) != usual}
        datasets = {dataset for dataset, _ in varied}
        assert len(datasets) >= 5
        assert varied == {(dataset, level) for dataset in datasets for level in levels}


@pytest.mark.parametrize(("images", "epochs"), [(100, 100), (9_999, 1), (4_400, 2), (60_000, 1)])
def test_a_budget_is_whole_epochs(images, epochs):
    assert AtlasTask("digits", "compact").epochs(images) == epochs


def test_of_tasks_that_were_there_before_it_is_kept_where_they_come_from():
    origin = {"date": "2026-11-28", "sweeper": "0.1.0", "torch": "2.15.0", "licence": "MIT"}
    assert earlier(0, origin) == {}
    said = earlier(58, origin)
    assert said == {"earlier": "58 tasks: date 2026-11-28, sweeper 0.1.0, torch 2.15.0"}
    assert earlier(58, {"date": "later", **said}) == said
