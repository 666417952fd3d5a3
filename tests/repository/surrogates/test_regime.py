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
            "samples": [10_000, 90_000, 270_000],
            "num_train": [1000, 800, 1000],
            "num_classes": [10, 200, 10],
            "batch_size": [32, 32, 32],
            "embedding": [16, 64, 256],
        }
    )


@pytest.fixture
def regime(tasks):
    return Regime.of(tasks)


def test_numbers_are_logarithms_in_steps(regime, tasks):
    columns = dict(zip(regime.names, regime.of_tasks(tasks).T, strict=True))
    assert np.diff(columns["samples"]) == pytest.approx([2, 1])  # a factor of three is a step
    assert columns["per_class"][0] - columns["per_class"][1] == pytest.approx(
        np.log(25) / np.log(3)
    )
    assert np.diff(columns["num_classes"])[0] == pytest.approx(np.log(20) / np.log(3))
    assert np.diff(columns["batch_size"]) == pytest.approx([0, 0])
    assert np.diff(columns["embedding"]) == pytest.approx([1, 1])  # a factor of four
    assert regime.ranges["per_class"] == (4.0, 100.0)


def test_starts_and_nets_differ_by_their_distances(regime, tasks):
    numbers = regime.of_tasks(tasks)
    named = [name.partition(" ")[0] for name in regime.names]
    for kind, distance in (("start", START_DISTANCE), ("net", NET_DISTANCE)):
        columns = numbers[:, [name == kind for name in named]]
        assert np.linalg.norm(columns[0] - columns[1]) == pytest.approx(distance)
        assert np.array_equal(columns[0], columns[2])


def test_an_unknown_start_and_net_are_like_none(regime, tasks):
    numbers = regime.of_tasks(tasks.assign(net="mine", start="tuned"))
    assert (numbers[:, 5:] == 0).all()
