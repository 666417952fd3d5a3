import numpy as np
import pandas as pd
import pytest

from sweeper.repository.surrogates.context import Context


@pytest.fixture
def tasks():
    return pd.DataFrame(
        {
            "net": ["lenet", "compact", "linear"],
            "start": ["scratch", "scratch", "frozen"],
            "samples": [10_000, 30_000, 10_000],
            "num_classes": 10,
            "num_train": 1000,
            "batch_size": 32,
            "embedding": 64,
            "overlap": [0.1, 0.3, 0.2],
            "log_side": 3.0,
            "log_classes": 2.3,
        }
    )


def test_pictures_are_standardized_and_counts_are_left_to_the_regime(tasks):
    context = Context.of(tasks, ("log_classes", "log_side", "overlap"))
    assert context.features == ("overlap",)
    expected = (tasks["overlap"] - 0.2) / tasks["overlap"].std(ddof=0)
    np.testing.assert_allclose(context.pictures(tasks)[:, 0], expected, atol=1e-12)


def test_what_never_varied_is_named_where_a_task_differs(tasks):
    context = Context.of(tasks, ("log_side", "overlap"))
    assert context.never_varied(tasks.iloc[[0]]) == []
    assert context.never_varied(tasks.iloc[[0]].assign(log_side=4.0)) == ["log_side"]
