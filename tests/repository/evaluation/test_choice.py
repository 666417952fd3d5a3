import json
import math
from dataclasses import replace

import pytest

from sweeper.errors import SweeperError
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.surrogates.members import MEMBERS
from sweeper.repository.surrogates.responses import Smoothing

#: As versions before wrote it, in the essentials.
OLDER = {"objective": "accuracy", "kind": "ridge", "parameters": {"components": 2}, "kappa": 0.5}


@pytest.fixture
def choice():
    return Choice(
        objective="accuracy",
        digest="0" * 64,
        sources=5,
        tasks=9,
        smoothing={"variance": 0.3, "width": 1.5, "shift": 0.3, "own": 0.03},
        shares={str(member): 1 / len(MEMBERS) for member in MEMBERS},
        factor=1.25,
        coverage={"mean": math.nan, "se": math.nan},
        width=0.1,
        refused=1,
        worse={"plain softmax": {"all": 0.1, "surely": 0.0}},
        regrets={"all": {"ours": {"regret": [0.1, math.nan], "se": [0.2, math.nan]}}},
        schemes={"all": {"tasks": 9, "sources": 5}},
    )


def test_a_choice_survives_as_json(choice):
    text = choice.to_json()
    read = Choice.from_json(text)
    assert "NaN" not in text
    assert read.to_json() == text
    assert math.isnan(read.coverage["mean"])
    assert math.isnan(read.regrets["all"]["ours"]["regret"][1])
    assert read.smooth == Smoothing(0.3, 1.5, 0.3, 0.03)
    assert sum(read.share) == pytest.approx(1)


def test_what_another_version_chose_is_passed_over(choice):
    assert Choice.from_json(json.dumps(OLDER)) is None
    renamed = replace(choice, shares={"ridge": 1.0})
    assert Choice.from_json(renamed.to_json()) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:50],
        lambda text: text.replace("variance", "variants"),
        lambda text: text.replace("1.25", '"wide"'),
        lambda text: text.replace('"tasks": 9,\n  "smoothing', '"jobs": 9,\n  "smoothing'),
        lambda text: "[]",
        lambda text: "null",
    ],
)
def test_a_damaged_choice_is_one_line(choice, change):
    with pytest.raises(SweeperError, match="sweeper fit") as caught:
        Choice.from_json(change(choice.to_json()))
    assert "\n" not in str(caught.value)
