"""The plan: its numbers, its words and what it refuses."""

from dataclasses import replace

import pytest

from sweeper.errors import UsageError
from sweeper.repository.columns import TASK_NAMES
from sweeper.repository.plan import CHOICES, Plan
from sweeper.repository.records import Repository
from sweeper.repository.task_plans import with_plans
from tests.support.plans import PLAN
from tests.support.recommend_schema import Plan as Schema


def test_samples_and_images_per_class_follow():
    plan = replace(PLAN, epochs=12, num_train=900, num_classes=8)
    assert (plan.samples, plan.per_class) == (10_800, 112.5)


def test_json_has_what_is_fixed():
    shown = replace(PLAN, given=("net", "lr")).to_dict()
    assert Schema.model_validate(shown).model_dump() == shown
    assert shown["given"] == ["net", "lr"]


def test_a_line_says_what_was_given_and_what_assumed():
    given = replace(PLAN, net="lenet", epochs=12, num_train=8_334, given=("net", "epochs"))
    assert str(given) == (
        "lenet from scratch, 12 epochs (100,008 samples), batches of 128, embedding 64, "
        "10 classes of 833.4 images; assumed, as in `sweeper run`: start, batch size, embedding"
    )
    alone = replace(PLAN, start="frozen", epochs=1, num_train=10, given=CHOICES)
    assert "compact on frozen features, 1 epoch (10 samples)" in str(alone)
    assert str(alone).endswith("lr 0.001, embedding 64, 10 classes of 1 image")


def test_a_stored_task_is_described_alike(world):
    repository = world().repository(sources=1, settings=2, seeds=1)
    task = repository.tasks.iloc[0]
    plan = Plan.of_row(task, lr=1e-3)
    assert plan == PLAN
    assert {**task[list(plan.row())]} == plan.row()
    assert set(plan.row()) < set(TASK_NAMES)


def test_a_task_of_an_older_repository_has_a_plan(world):
    tasks = world().repository(sources=2, settings=2, seeds=1).tasks
    old = with_plans(tasks.drop(columns=["start", "samples", "split"]))
    assert Plan.of_row(old.iloc[0], lr=1e-3) == PLAN
    assert isinstance(Repository(old, Repository.empty().results), Repository)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": "warm"}, "start must be scratch, tuned, frozen, not 'warm'"),
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"batch_size": -3}, "batch_size must be at least 1, not -3"),
        ({"lr": 0.0}, "lr must be positive, not 0"),
        ({"lr": float("nan")}, "lr must be a finite number"),
        ({"embedding": 1}, "at least 2 dimensions"),
        ({"num_classes": 1}, "at least 2 classes are needed, not 1"),
        ({"num_train": 9}, "9 images are fewer than the 10 classes"),
    ],
)
def test_what_cannot_be_is_one_line(wrong, message):
    with pytest.raises(UsageError, match=message) as refused:
        replace(PLAN, **wrong)
    assert "\n" not in str(refused.value)


def test_a_high_rate_and_single_images_are_plans():
    assert replace(PLAN, lr=10.0, num_train=10).per_class == 1
