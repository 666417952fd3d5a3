"""Asking by numbers alone: the plan and the meta-features that follow, and how good answers are."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sweeper.errors import UsageError
from sweeper.repository import sources
from sweeper.repository.evaluation import regret
from sweeper.repository.evaluation.methods import OURS, FittedAdaCos, attempts
from sweeper.repository.given_plan import Given
from sweeper.repository.meta_features.counts import class_features, formula_features
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.by_numbers import Numbers, recommend_by_numbers
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.knowledge import learned


def features_of(numbers):
    return numbers.task_features(sources.shipped(), numbers.plan())


def test_what_is_not_given_is_what_a_search_would_do():
    plan = Numbers(10, 100).plan()
    assert (plan.net, plan.start, plan.embedding, plan.given) == ("compact", "scratch", 64, ())
    assert (plan.num_train, plan.num_classes, plan.batch_size) == (1000, 10, 32)
    assert plan.epochs * -(-1000 // 32) >= 1000  # steps
    given = Given("mine", "tuned", 7, 64, 0.1, 512)
    plan = Numbers(10, 100, given).plan()
    assert (plan.net, plan.start, plan.epochs, plan.batch_size) == ("mine", "tuned", 7, 64)
    assert (plan.lr, plan.embedding) == (0.1, 512)


def test_samples_stand_for_epochs():
    assert Numbers(10, 100, samples=30_000).plan().epochs == 30
    assert Numbers(10, 100, samples=10).plan().epochs == 1


def test_frozen_features_are_embeddings_whatever_the_net():
    for given in (Given(start="frozen"), Given("mlp"), Given("resnet18", "frozen")):
        assert Numbers(10, 100, given).plan().start == "frozen"
        assert features_of(Numbers(10, 100, given))["is_embedding"] == 1
    assert features_of(Numbers(10, 100))["is_embedding"] == 0


@pytest.mark.parametrize(("classes", "per_class"), [(2, 1), (10, 40), (1000, 7)])
def test_what_can_be_counted_is_what_counting_the_data_gives(classes, per_class):
    features = features_of(Numbers(classes, per_class))
    counted = class_features(np.full(classes, per_class)) | formula_features(classes)
    assert {name: features[name] for name in counted} == pytest.approx(counted)


def test_the_rest_is_the_mean_over_sources_of_such_data():
    tasks = sources.shipped().tasks
    for start, ready in (("scratch", 0), ("frozen", 1)):
        alike = tasks[tasks["is_embedding"] == ready]
        expected = alike.groupby("source")["accuracy_1nn"].mean().mean()
        features = features_of(Numbers(10, 100, Given(start=start)))
        assert features["accuracy_1nn"] == pytest.approx(expected)


def test_measured_meta_features_are_taken_as_they_are():
    known = sources.shipped()
    features = {name: float(known.tasks[name].iloc[0]) for name in known.features}
    numbers = Numbers(10, 100, features=features)
    assert features_of(numbers).items() >= features.items()
    assert numbers.notes(known) == ()
    (note,) = Numbers(10, 100, features={"accuracy_1nn": 0.5}).notes(known)
    assert "was not measured" in note


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_classes": 1}, "num_classes must be from 2"),
        ({"num_classes": 10**12}, "num_classes must be from 2"),
        ({"per_class": 0.5}, "per_class must be from 1"),
        ({"per_class": math.nan}, "per_class must be from 1"),
        ({"samples": 5, "given": Given(epochs=3)}, "give one of them"),
        ({"features": {"acuracy_1nn": 0.5}}, "did you mean accuracy_1nn"),
        ({"features": {"accuracy_1nn": 1e18}}, "accuracy_1nn is 1e"),
        ({"features": {"accuracy_1nn": math.nan}}, "accuracy_1nn is nan"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        Numbers(**{"num_classes": 10, "per_class": 100, **change})


def test_an_answer_says_that_the_data_were_not_looked_at():
    choice = sources.stored_choice("accuracy", None)
    answer = recommend_by_numbers(sources.shipped(), Numbers(20, 50), choice=choice)
    assert "by numbers alone" in answer.notes[0]
    assert answer.plan.num_classes == 20
    assert answer.shortlist[0].setting == answer.setting


@pytest.mark.parametrize(
    ("net", "instead"),
    [
        ("head", "use the net linear or mlp"),
        ("resnet18[weights=DEFAULT, body=frozen]", "use head=linear or head=mlp"),
    ],
)
@pytest.mark.parametrize("objective", ["retrieval", "compactness"])
def test_what_no_setting_changes_is_refused(net, instead, objective):
    numbers = Numbers(10, 100, Given(net))
    with pytest.raises(UsageError, match=f"{objective} is the same for every setting; {instead}"):
        recommend_by_numbers(sources.shipped(), numbers, objective)


def test_a_billion_images_are_answered_and_told_to_be_far():
    choice = sources.stored_choice("accuracy", None)
    answer = recommend_by_numbers(sources.shipped(), Numbers(10**6, 1000), choice=choice)
    assert not answer.known or any("beyond what was measured" in note for note in answer.notes)


@pytest.mark.long
@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
def test_numbers_alone_lose_little_against_measured_meta_features(objective):
    """Each source left out in turn, scored as `sweeper fit` does."""
    known = sources.shipped()
    knowledge = learned(known, objective)
    adacos, held = FittedAdaCos.of(knowledge), regret.held_out_tasks(knowledge)
    source = knowledge.responses.source
    means = []
    for left in np.unique(source):
        rest = knowledge.without(source == left)
        names = set(knowledge.tasks["source"][source == left])
        others = known.tasks[~known.tasks["source"].isin(names)]
        usual = Repository(others, known.results.iloc[:0])
        found = []
        for number in np.flatnonzero(source == left):
            if (measured := held[number]) is None:
                continue
            plan = Plan.of_row(measured.task.iloc[0], 1e-3)
            features = Numbers(2, 2).task_features(usual, plan)
            numbers = replace(measured, task=measured.task.assign(**features))
            tries = [attempts(rest, each, adacos).tries[OURS][:1] for each in (measured, numbers)]
            found.append([measured.regret(each) for each in tries])
        means.append(np.nanmean(found, axis=0))
    with_data, without = 100 * np.mean(means, axis=0)
    assert without < with_data + 0.5  # points
