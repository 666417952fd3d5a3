import math
from dataclasses import replace

import numpy as np
import pytest

from sweeper.errors import SweeperError
from sweeper.repository.evaluation.selection import Choice, label, select
from sweeper.repository.surrogates import Constant, Ridge


@pytest.fixture
def choice():
    return Choice(
        objective="accuracy",
        digest="0" * 64,
        sources=5,
        tasks=9,
        kind="ridge",
        parameters={"components": 2},
        kappa=0.5,
        factor=1.2,
        coverage=math.nan,
        baseline=None,
        regrets={"recommendation": {"regret": 0.1, "se": 0.2, "p": math.nan}},
        scores={"ridge (components 2)": {"regret": 0.1, "error": 0.5}},
    )


def test_a_choice_survives_as_json(choice):
    for baseline in (None, "best constant"):
        text = replace(choice, baseline=baseline).to_json()
        read = Choice.from_json(text)
        assert "NaN" not in text
        assert read.to_json() == text
        assert read.baseline == baseline
        assert math.isnan(read.coverage)
        assert read.surrogate == Ridge(components=2)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:50],
        lambda text: text.replace("ridge", "lasso"),
        lambda text: text.replace("components", "ranks"),
        lambda text: text.replace("1.2", '"wide"'),
        lambda text: text.replace('"tasks": 9', '"jobs": 9'),
        lambda text: "[]",
        lambda text: "null",
    ],
)
def test_a_damaged_choice_is_one_line(choice, change):
    with pytest.raises(SweeperError, match="sweeper fit") as caught:
        Choice.from_json(change(choice.to_json()))
    assert "\n" not in str(caught.value)


def test_labels_name_the_hyperparameters():
    assert label(Constant()) == "constant"
    assert label(Ridge(8)) == "ridge (components 8)"


def test_a_clearly_smaller_regret_wins():
    regrets = np.array([[1.0, 1.1, 0.9, 1.0], [0.1, 0.2, 0.0, 0.1]])
    assert select(regrets, np.array([0.1, 0.9])) == 1


def test_among_regrets_that_luck_could_order_the_error_decides():
    regrets = np.array([[1.0, 0.0, 1.0, 0.1], [0.0, 1.0, 0.1, 1.1]])
    assert select(regrets, np.array([0.9, 0.1])) == 1
    assert select(regrets, np.array([0.1, 0.9])) == 0


def test_the_same_surface_twice_goes_by_regret():
    regrets = np.array([[0.2, 0.0, 0.3], [0.0, 0.1, 0.1]])
    assert select(regrets, np.array([0.5, 0.5])) == 1
