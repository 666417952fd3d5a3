"""The map of tasks: who stands where, and what the axes are called."""

import numpy as np
import pytest

from sweeper.repository.records import Repository
from sweeper.repository.sources import shipped
from sweeper.repository.task_map import task_map


@pytest.fixture(scope="module")
def repository():
    return shipped()


def changed(repository, **columns):
    return Repository(repository.tasks.assign(**columns), repository.results)


def distances(found, ids):
    places = np.array([found.places[each] for each in ids])
    return np.linalg.norm(places[:, None] - places[None], axis=-1)


def test_every_task_has_a_place_of_its_own(repository):
    found = task_map(repository)
    assert sorted(found.places) == sorted(repository.tasks["id"])
    assert len(set(found.places.values())) == len(found.places)


def test_tasks_on_the_same_data_stand_closer_than_most(repository):
    found = task_map(repository)
    ids = list(repository.tasks["id"])
    apart = distances(found, ids)
    values = repository.tasks[list(repository.features)].to_numpy()
    same = (values[:, None] == values[None]).all(-1) & ~np.eye(len(ids), dtype=bool)
    assert same.any()
    assert apart[same].max() < np.quantile(apart, 0.1)


def test_no_other_plane_shows_more_of_the_differences(repository):
    found = task_map(repository)
    shares = [axis.share for axis in found.axes]
    values = repository.tasks[list(repository.features)].to_numpy(float)
    standardized = (values - values.mean(0)) / values.std(0)
    variances = np.linalg.eigvalsh(np.cov(standardized.T, bias=True))[::-1]
    assert shares == pytest.approx(list(variances[:2] / variances.sum()))
    assert 0.5 < sum(shares) < 1


def test_the_axes_are_named_by_what_grows_along_them(repository):
    found = task_map(repository)
    for number, axis in enumerate(found.axes):
        along = np.array([found.places[task][number] for task in repository.tasks["id"]])
        for names, sign in ((axis.high, 1), (axis.low, -1)):
            assert names
            for name in names:
                together = np.corrcoef(along, repository.tasks[name])[0, 1]
                assert together * sign > 0.3


def test_units_make_no_difference(repository):
    found = task_map(repository)
    larger = task_map(changed(repository, angle_mean=repository.tasks["angle_mean"] * 1000))
    ids = list(found.places)
    assert np.allclose(distances(found, ids), distances(larger, ids), atol=1e-6)


def test_without_tasks_or_differences_there_is_no_map(repository):
    assert task_map(Repository.empty()) is None
    two = repository.tasks.iloc[:2]
    assert task_map(Repository(two, repository.results)) is None
    same = dict.fromkeys(repository.features, 1.0)
    assert task_map(changed(repository, **same)) is None
