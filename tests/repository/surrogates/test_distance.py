import numpy as np
import pandas as pd
import pytest

from sweeper.repository.surrogates.design_matrix import Compression, Design
from sweeper.repository.surrogates.distance import KnownTasks


def tasks(places, sources, nets=None, samples=None):
    number = len(places)
    return pd.DataFrame(
        {
            "id": [f"t{i}" for i in range(number)],
            "source": sources,
            "net": nets or ["compact"] * number,
            "start": "scratch",
            "samples": samples or [1000] * number,
            "batch_size": 32,
            "num_classes": 10,
            "num_train": 100,
            "embedding": 64,
            "f0": [float(x) for x, _ in places],
            "f1": [float(y) for _, y in places],
        }
    )


def known(table):
    lr = pd.DataFrame({"lr": [1e-3]})
    return KnownTasks.of(table, Design.of(table, lr, ("f0", "f1"), Compression(1.0)))


def test_distances_are_root_mean_squares_in_standard_deviations():
    table = tasks([(0, 0), (2, 0), (0, 20), (2, 20)], ["a", "b", "c", "d"])
    ranked = known(table).nearest(tasks([(0, 5)], ["new"]))
    expected = np.sqrt([(0 + 0.25) / 2, (4 + 0.25) / 2, (0 + 2.25) / 2, (4 + 2.25) / 2])
    assert ranked.set_index("id")["distance"][["t0", "t1", "t2", "t3"]].tolist() == pytest.approx(
        expected.tolist()
    )
    assert ranked["id"].iloc[0] == "t0"


def test_the_limit_is_the_loneliest_tasks_distance_to_another_source():
    table = tasks([(0, 0), (1, 0), (3, 0), (3.1, 0)], ["a", "b", "c", "c"])
    found = known(table)
    spread = np.std([0, 1, 3, 3.1])
    # f1 never varies, so f0 alone makes the distance.
    assert found.limit == pytest.approx(2.1 / spread)
    assert not found.too_far(found.limit)
    assert found.too_far(found.limit * 1.01)


def test_one_source_has_no_limit():
    assert known(tasks([(0, 0), (1, 1)], ["a", "a"])).limit == 0


def test_among_tasks_of_one_data_set_the_training_most_alike_comes_first():
    table = tasks(
        [(0, 0)] * 3 + [(1, 1)],
        ["a"] * 3 + ["b"],
        ["lenet", "compact", "compact", "x"],
        [1000, 4000, 1200, 1000],
    )
    ranked = known(table).nearest(tasks([(0, 0)], ["new"]))
    assert ranked["id"].tolist() == ["t2", "t1", "t0", "t3"]
