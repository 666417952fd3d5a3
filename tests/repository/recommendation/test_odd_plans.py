"""Plans that nobody measured, and repositories of before plans were told."""

import json
import math
import tracemalloc

import pytest

from sweeper.repository import sources
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.records import Repository
from tests.support.plans import PLAN


@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
def test_a_million_classes_by_meta_features_alone(objective):
    known = sources.shipped()
    features = {name: float(known.tasks[name].iloc[0]) for name in known.features}
    features |= {"log_classes": math.log(1e6), "log_images": math.log(5e6)}
    plan = Plan("resnet18", "scratch", 20, 5_000_000, 1_000_000, 256, 0.1, 512)
    choice = sources.stored_choice(objective, None)
    tracemalloc.start()
    answer = recommend(known, features, plan, objective, choice=choice)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6  # a number for each class and dimension would be 4 GB
    said = " ".join(answer.notes)
    assert "1,000,000" in said or "too far" in said or "unlike" in said
    assert json.loads(answer.to_json())["plan"]["num_classes"] == 1_000_000


def test_an_older_repository_answers_as_one_that_tells_what_was_fixed_then(world):
    repository = world(curve=0.3).repository(sources=6, settings=8)
    old = Repository(
        repository.tasks.drop(columns=["start", "samples", "split"]), repository.results
    )
    features = dict.fromkeys(repository.features, 0.1)
    first, second = (
        recommend(known, features, PLAN, loss="arcface") for known in (repository, old)
    )
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("lr", [1e-7, 10.0])
def test_a_rate_that_nobody_trained_at_is_kept_and_told(world, lr):
    repository = world(curve=0.3).repository(sources=6, settings=8)
    features = dict.fromkeys(repository.features, 0.1)
    plan = Plan("compact", "scratch", 10, 1000, 10, 128, lr, 64, given=("lr",))
    answer = recommend(repository, features, plan, loss="arcface")
    assert answer.setting.lr == lr
    assert not answer.known
    assert any("learning rate" in note and "far from all" in note for note in answer.notes)
    # As at the nearest rate that was measured, not as a curve goes on beyond it.
    assert all(abs(each.predicted) < 0.5 for each in answer.baselines if each.predicted is not None)
    assert any("lr" in note or "learning rate" in note for note in answer.notes)
