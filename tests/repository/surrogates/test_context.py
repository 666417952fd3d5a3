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


@pytest.mark.parametrize("lie", [1.7e308, 1e18, -500.0, 30.0])
def test_a_task_unlike_any_other_leaves_the_others_where_they_are(lie):
    generator = np.random.default_rng(3)
    number = 100
    usual = pd.DataFrame(
        {
            "net": "lenet",
            "start": "scratch",
            "samples": 10_000,
            "num_classes": 10,
            "num_train": 1000,
            "batch_size": 32,
            "embedding": 64,
            "overlap": generator.normal(0, 1, number),
            "h_score": generator.uniform(0, 1, number),
        }
    )
    features = ("overlap", "h_score")
    alone = Context.of(usual, features).pictures(usual)
    with_lie = pd.concat([usual, usual.iloc[:1].assign(overlap=lie)], ignore_index=True)
    context = Context.of(with_lie, features)
    places = context.pictures(with_lie)
    # As wide as before, up to what one task in a hundred may do from fifteen deviations away.
    assert 1 <= np.ptp(alone[:, 0]) / np.ptp(places[:-1, 0]) < 2
    np.testing.assert_allclose(places[:-1, 1], alone[:, 1], atol=0.05)
    assert abs(places[-1, 0]) > 3 * np.abs(places[:-1, 0]).max()
