"""What is advised on a data set: which of its images count."""

import numpy as np
import pytest

from sweeper import data
from sweeper.errors import UsageError
from sweeper.repository.given_plan import Given
from sweeper.repository.recommendation.beside import without_terms
from sweeper.study.advice import advise, first_settings
from sweeper.study.open_study import create_or_resume
from sweeper.study.recommendation_trial import comparison_experiment
from sweeper.study.resolve import resolve
from sweeper.study.task import Task


@pytest.fixture
def twins(embeddings, tmp_path):
    """The same data twice, but in the second what is not trained on is noise."""
    with np.load(embeddings) as arrays:
        points, labels = arrays["embeddings"].copy(), arrays["labels"]
    kept = data.split(data.load(str(embeddings)), False).train.numpy()
    other = np.random.default_rng(9).normal(size=points.shape).astype(np.float32)
    other[kept] = points[kept]
    path = tmp_path / "twin.npz"
    np.savez(path, embeddings=other, labels=labels)
    return str(embeddings), str(path)


def told(path, **options):
    """What a recommendation says of a data set, its name left out."""
    answer = advise(path, None, **options).recommendation
    return answer.setting, answer.gain, [n.distance for n in answer.nearest]


def test_what_is_to_be_tried_is_advised_without_the_images_it_is_tried_on(twins):
    first, second = twins
    assert told(first, to_try=True) == told(second, to_try=True)
    assert told(first) != told(second)


def test_a_search_begins_with_what_its_own_training_images_suggest(twins, database):
    tasks = [Task.load(resolve(path, loss="arcface")).sized() for path in twins]
    starts = [first_settings(task, database) for task in tasks]
    assert starts[0] == starts[1]
    assert all(setting.loss == "arcface" for setting in starts[0])
    assert 1 <= len(starts[0]) <= 5


def test_a_search_for_a_term_begins_with_the_lambda_that_is_recommended(embeddings, database):
    """Beside ArcFace none may be worth it: then with the best, since the search is for one."""
    for loss in ("softmax", "arcface"):
        task = Task.load(resolve(str(embeddings), loss=loss, beside="sigma2r,center")).sized()
        known = advise(
            str(embeddings),
            None,
            loss=loss,
            beside="center,sigma2r",
            given=Given(lr=1e-3),
            to_try=True,
        ).recommendation
        starts = first_settings(task, database)
        assert starts
        for start in starts:
            assert start.loss == loss
            assert start.terms == ("center", "sigma2r")
        for advice in known.terms:
            found = {start[f"{advice.term}.lambda"] for start in starts}
            assert (advice.lambda_ or advice.best) in found


def test_a_term_of_which_nothing_is_known_does_not_keep_a_search_from_starting(
    embeddings, database
):
    task = Task.load(resolve(str(embeddings), loss="arcface", beside="git")).sized()
    assert all(start.terms == () for start in first_settings(task, database))


@pytest.mark.parametrize("loss", ["any", "softmax"])
def test_what_is_tried_has_the_terms(embeddings, loss):
    advice = advise(str(embeddings), None, loss=loss, beside="center", to_try=True)
    tried = comparison_experiment(advice)
    shortlist = [each.setting for each in advice.recommendation.shortlist]
    assert set(shortlist) <= set(tried.settings_list())
    assert loss == "any" or any(each.terms for each in shortlist)
    assert tried.name.startswith("clouds.npz-tried-accuracy-")
    recommended = advice.recommendation.setting
    assert not recommended.terms or without_terms(recommended) in tried.settings_list()


def test_a_study_that_is_there_another_loss_or_a_grid_begins_with_nothing(embeddings, database):
    task = Task.load(resolve(str(embeddings), loss="arcface", epochs=1)).sized()
    assert first_settings(task, database)
    create_or_resume(database, task)
    assert first_settings(task, database) == []
    other = resolve(str(embeddings), loss="triplet", net="linear", study_name="pairs")
    assert first_settings(Task.load(other).sized(), database) == []
    grid = resolve(str(embeddings), loss="arcface", sampler="grid", study_name="grid")
    assert first_settings(Task.load(grid).sized(), database) == []


def test_what_is_to_be_tried_says_that_it_is_asked_about_fewer_images(embeddings):
    tried, whole = (
        advise(str(embeddings), None, to_try=to_try).recommendation for to_try in (True, False)
    )
    assert tried.plan.num_train < whole.plan.num_train
    (said,) = [note for note in tried.notes if "--try" in note]
    assert f"asked for the {tried.plan.num_train:,} images of" in said
    assert f"for all {whole.plan.num_train:,} of" in said
    assert not any("--try" in note for note in whole.notes)
    assert tried.plan.num_classes == whole.plan.num_classes


@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
@pytest.mark.parametrize("epochs", [None, 7])
def test_epochs_and_batches_are_those_of_a_search(embeddings, objective, epochs):
    asked = {"objective": objective, "loss": "arcface"}
    given = Given(net="linear", epochs=epochs)
    plan = advise(str(embeddings), None, given=given, **asked).recommendation.plan
    searched = Task.load(resolve(str(embeddings), net="linear", epochs=epochs, **asked)).sized()
    assert (plan.epochs, plan.batch_size) == (searched.spec.epochs, searched.spec.batch_size)
    assert plan.num_train == len(searched.dataset) > searched.split.images_per_epoch


@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
def test_what_a_search_trains_on_in_place_of_all_is_said(embeddings, objective):
    given = Given(net="linear", epochs=7)
    answer = advise(str(embeddings), None, objective=objective, given=given).recommendation
    split = Task.load(resolve(str(embeddings), net="linear", objective=objective)).split
    images, classes = split.images_per_epoch, len(split.trained_classes)
    (said,) = [note for note in answer.notes if "in the end" in note]
    assert f"asked for the {answer.plan.num_train:,} images of" in said
    assert f"trains on {images:,} of {classes:,} classes" in said
    assert f"are {7 * images:,} samples" in said


@pytest.mark.parametrize("objective", ["retrieval", "compactness"])
@pytest.mark.parametrize("to_try", [False, True])
def test_what_no_setting_changes_is_refused_as_a_search_refuses_it(embeddings, objective, to_try):
    with pytest.raises(UsageError, match="leaves the embeddings as they are") as searched:
        Task.load(resolve(str(embeddings), objective=objective, net="head"))
    given = Given(net="head")
    with pytest.raises(UsageError) as advised:
        advise(str(embeddings), None, objective=objective, given=given, to_try=to_try)
    assert str(advised.value) == str(searched.value)
    assert "use the net linear or mlp" in str(advised.value)


def test_a_search_asks_with_its_own_plan(embeddings, database):
    spec = resolve(str(embeddings), loss="arcface", net="linear", batch_size=8, embedding=5)
    task = Task.load(spec).sized()
    known = advise(
        str(embeddings),
        None,
        loss="arcface",
        given=Given(net="linear", batch_size=8, embedding=5),
        to_try=True,
    )
    assert (known.recommendation.plan.batch_size, known.recommendation.plan.embedding) == (8, 5)
    assert first_settings(task, database) == list(known.recommendation.warm_starts)
    tried = comparison_experiment(known)
    assert (tried.batch_size, tried.embedding, tried.epochs) == (8, 5, task.spec.epochs)


@pytest.mark.parametrize("classes", [5, 6])
def test_that_too_few_classes_cannot_be_searched_for_retrieval_is_said(tmp_path, classes):
    labels = np.arange(20 * classes) % classes
    points = np.random.default_rng(0).normal(size=(len(labels), 8)).astype(np.float32)
    np.savez(tmp_path / "points.npz", embeddings=points, labels=labels)
    given = Given(net="linear")
    path = str(tmp_path / "points.npz")
    answer = advise(path, None, objective="retrieval", given=given).recommendation
    said = [note for note in answer.notes if "can be searched and confirmed from 6" in note]
    assert len(said) == (classes < 6)
