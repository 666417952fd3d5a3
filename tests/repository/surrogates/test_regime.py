"""How tasks are trained, as numbers, against a calculation by hand."""

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.surrogates.regime import NET_DISTANCE, START_DISTANCE, Regime


@pytest.fixture
def tasks():
    return pd.DataFrame(
        {
            "net": ["lenet", "linear", "lenet"],
            "start": ["scratch", "frozen", "scratch"],
            "samples": [10_000, 100_000, 1_000_000],
            "num_train": [1000, 800, 1000],
            "num_classes": [10, 200, 10],
            "batch_size": [32, 32, 32],
            "embedding": [16, 64, 256],
        }
    )


@pytest.fixture
def regime(tasks):
    return Regime.of(tasks, pd.DataFrame({"lr": [1e-3, 1e-2]}))


def test_logarithms_are_placed_in_the_known_range(regime, tasks):
    columns = dict(zip(regime.names, regime.of_tasks(tasks).T, strict=False))
    assert columns["samples"] == pytest.approx([-0.5, 0.0, 0.5])
    assert columns["per_class"] == pytest.approx([0.5, -0.5, 0.5])  # 100 and 4
    assert columns["num_classes"] == pytest.approx([-0.5, 0.5, -0.5])
    assert columns["batch_size"] == pytest.approx([0, 0, 0])
    assert columns["embedding"] == pytest.approx([-0.5, 0.0, 0.5])
    assert regime.of_rates(np.array([1e-4, 1e-3, 10**-2.5, 1.0])) == pytest.approx(
        [-0.5, -0.5, 0.0, 0.5]
    )
    assert regime.names[-1] == "lr"


def test_starts_and_nets_differ_by_their_distances(regime, tasks):
    numbers = regime.of_tasks(tasks)
    named = [name.partition(" ")[0] for name in regime.names[:-1]]
    for kind, distance in (("start", START_DISTANCE), ("net", NET_DISTANCE)):
        columns = numbers[:, [name == kind for name in named]]
        assert np.linalg.norm(columns[0] - columns[1]) == pytest.approx(distance)
        assert np.array_equal(columns[0], columns[2])


def test_an_unknown_start_and_net_are_like_none(regime, tasks):
    numbers = regime.of_tasks(tasks.assign(net="mine", start="tuned"))
    assert (numbers[:, 5:] == 0).all()
