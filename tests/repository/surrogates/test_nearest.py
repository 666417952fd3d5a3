import numpy as np
import pytest

from sweeper.repository.surrogates.nearest import NearestTasks, task_spacing


def test_a_task_is_predicted_from_those_like_it(make_rows):
    def law(points, context):
        return np.where(context[:, 0] > 0, 1.0, -1.0)

    rows = make_rows(law, sources=30, features=1)
    query = make_rows(law, sources=2, features=1, seed=4)
    query.context[:, 0] = np.where(query.task == 0, 1.0, -1.0)
    mean, _ = NearestTasks(0.5).fit(rows).predict(query)
    assert mean[query.task == 0].mean() == pytest.approx(1.0, abs=0.1)
    assert mean[query.task == 1].mean() == pytest.approx(-1.0, abs=0.1)


def test_however_far_a_task_is_the_nearest_one_still_speaks(make_rows):
    rows = make_rows(lambda points, context: np.sign(context[:, 0]), sources=30, features=1)
    query = make_rows(lambda points, context: 0 * points[:, 0], sources=1, features=1)
    query.context[:] = 100.0
    mean, deviation = NearestTasks(0.5).fit(rows).predict(query)
    assert mean.mean() == pytest.approx(1.0, abs=0.2)
    assert np.isfinite(deviation).all()


def test_the_step_is_to_another_source(make_rows):
    rows = make_rows(lambda points, context: 0 * points[:, 0], sources=4, features=1, settings=2)
    rows.context[:, 0] = np.array([0.0, 0.1, 1.0, 3.0])[rows.task]
    rows.source[:] = np.array([0, 0, 1, 2])[rows.task]
    assert task_spacing(rows) == pytest.approx(np.median([1.0, 0.9, 0.9, 2.0]))
