"""The replay of searches, on a law whose best is known and on a pool."""

import numpy as np
import pandas as pd
import pytest

from tools.replay.grounds import Law, Pool
from tools.replay.known import MARGINS
from tools.replay.methods import CMA_ES, METHODS
from tools.replay.searches import replay
from tools.replay.transfer_schedulers import BOX, ZERO_SHOT

#: What methods need of the group `benchmarks`.
NEEDED = {ZERO_SHOT: "syne_tune", BOX: "syne_tune", CMA_ES: "cmaes"}


def value(params):
    """Best at m2 = 0.3 and s = 16, without the other margins."""
    row = [params["m1"] - 1, params["m2"] - 0.3, params["m3"], np.log(params["scale"] / 16)]
    return 0.1 - float((np.array(row) ** 2) @ np.array([0.2, 0.2, 0.2, 0.02]))


class Known(Law):
    """A law in place of a task's."""

    def gains(self, rows):
        return np.array([value(row) for row in rows])


@pytest.fixture
def law():
    return Known(None, 0, 1e-3, 0.002)


@pytest.fixture
def pool():
    rng = np.random.default_rng(0)
    low, high = np.array([0.9, -0.2, -0.2, np.log(2)]), np.array([1.4, 0.8, 0.5, np.log(128)])
    rows = rng.uniform(low, high, (24, 4))
    rows[:, 3] = np.exp(rows[:, 3])
    settings = pd.DataFrame(rows, columns=MARGINS)
    true = np.array([value(row) for row in settings.to_dict("records")])
    told = true[:, None] + rng.normal(0, 0.002, (24, 2))
    return Pool(settings, told, true, float(true[told.mean(1).argmax()]))


@pytest.fixture(params=METHODS)
def method(request):
    if request.param in NEEDED:
        pytest.importorskip(NEEDED[request.param], reason="pip install --group benchmarks")
    return request.param


@pytest.mark.filterwarnings("default")  # of what Syne Tune imports
def test_every_method_searches_a_law_and_is_scored_by_the_truth(method, known, law):
    found = replay(method, law, known, 12, seed=0)
    assert len(found.true) == len(found.seen) == len(found.asking) == 12
    assert found.reached(12) == found.true[found.seen.argmax()]
    assert found.seen - found.true == pytest.approx(0, abs=0.01)
    assert (np.diff(found.asking) >= 0).all()


@pytest.mark.filterwarnings("default")
def test_every_method_tries_each_setting_of_a_pool_once(method, known, pool):
    found = replay(method, pool, known, 24, seed=0)
    assert sorted(found.true) == pytest.approx(sorted(pool.worth))
    assert found.reached(24) == pool.best


def test_the_best_of_the_space_is_found(law):
    assert law.best == pytest.approx(0.1, abs=0.005)


def test_the_nearest_setting_that_is_free_is_tried(pool):
    first = pool.settings.iloc[3].to_dict()
    assert pool.nearest(first, ()) == first
    second = pool.nearest(first, {tuple(first.values())})
    assert second != first
    assert pool.true(second) == value(second)
