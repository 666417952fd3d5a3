"""What is advised on a data set: which of its images count."""

import numpy as np
import pytest

from sweeper import data
from sweeper.study.advice import advise, first_settings
from sweeper.study.open_study import create_or_resume
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
    assert 1 <= len(starts[0]) <= 4


def test_a_study_that_is_there_another_loss_or_a_grid_begins_with_nothing(embeddings, database):
    task = Task.load(resolve(str(embeddings), loss="arcface", epochs=1)).sized()
    assert first_settings(task, database)
    create_or_resume(database, task)
    assert first_settings(task, database) == []
    other = resolve(str(embeddings), loss="triplet", net="linear", study_name="pairs")
    assert first_settings(Task.load(other).sized(), database) == []
    grid = resolve(str(embeddings), loss="arcface", sampler="grid", study_name="grid")
    assert first_settings(Task.load(grid).sized(), database) == []
