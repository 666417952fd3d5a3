"""A pool is measured by a study of its own, goes on where it was stopped, and is read again."""

import numpy as np
import pytest

from tools.atlas.tasks import AtlasTask
from tools.replay import pools

TASK = AtlasTask("digits[per_class=20]", "compact", held_out=True, samples=200, batch_size=40)

pytestmark = pytest.mark.long


def test_a_pool_is_measured_and_goes_on(tmp_path, monkeypatch):
    url, folder = f"sqlite:///{tmp_path / 'pool.db'}", tmp_path / "pools"
    monkeypatch.setattr(pools, "FOLDER", folder)
    assert pools.measure(TASK, url, settings=4, folder=folder) == 0
    assert pools.measure(TASK, url, settings=6, folder=folder) == 0
    (table,) = pools.measured()
    assert len(table) == 6 * pools.SEEDS
    assert (table["seconds"] > 0).all()
    assert "compactness" not in table
    for objective in ("accuracy", "retrieval"):
        pool = pools.by_neighbors(table, objective)
        assert pool.told.shape == (6, pools.SEEDS)
        assert np.ptp(pool.told) > 0
