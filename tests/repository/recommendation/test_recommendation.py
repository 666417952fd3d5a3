import json
import re
from dataclasses import replace

import pytest

from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Neighbor,
    Recommendation,
    ToTry,
)
from tests.support.plans import PLAN


def setting(loss, m1, m2, m3, scale):
    """A setting as the JSON has it."""
    margins = {"loss": loss, "m1": m1, "m2": m2, "m3": m3, "scale": scale}
    return {**margins, "lambda": None, "lr": 1e-3, "terms": {}}


@pytest.fixture
def answer():
    best = Setting("arcface", m2=0.3, scale=16.0)
    return Recommendation(
        objective="accuracy",
        known=True,
        setting=Setting("combined", m1=1.0, m2=0.25, m3=0.05, scale=12.0),
        gain=Gain(0.0123, 0.004, 0.02),
        as_good={"m2": (0.2, 0.3), "scale": (8.0, 20.0)},
        nearest=(Neighbor("digits", 0.31, best),),
        baselines=(
            Baseline("plain softmax", Setting("softmax"), 0.0),
            Baseline("ArcFace (0.5, 64)", Setting("arcface", m2=0.5), None),
        ),
        notes=("a note",),
        sweep="sweeper run DATASET",
        plan=PLAN,
        noise=0.015,
        shortlist=(
            ToTry(Setting("combined", m1=1.0, m2=0.25, m3=0.05, scale=12.0), 0.011),
            ToTry(Setting("softmax", lr=3e-3), 0.004),
        ),
    )


def test_json_has_the_keys_that_are_fixed(answer):
    found = json.loads(answer.to_json())
    assert [other["data"] for other in found.pop("practice")] == [
        *("CIFAR-10-LT", "CIFAR-100-LT", "MS1MV2")
    ]
    assert found == {
        "objective": "accuracy",
        "plan": {
            "net": "compact",
            "start": "scratch",
            "epochs": 10,
            "samples": 10_000,
            "batch_size": 128,
            "lr": 1e-3,
            "embedding": 64,
            "num_classes": 10,
            "per_class": 100.0,
            "given": [],
        },
        "known": True,
        "notes": ["a note"],
        "recommended": setting("combined", 1.0, 0.25, 0.05, 12.0),
        "shortlist": [
            {**setting("combined", 1.0, 0.25, 0.05, 12.0), "regret": 0.011},
            {**setting("softmax", 1.0, 0.0, 0.0, None), "lr": 3e-3, "regret": 0.004},
        ],
        "gain": {"mean": 0.0123, "low": 0.004, "high": 0.02},
        "common_name": "combined",
        "cost": 0.0,
        "losses": [],
        "terms": [],
        "as_good": {"m2": [0.2, 0.3], "scale": [8.0, 20.0]},
        "nearest": [
            {
                "task": "digits",
                "distance": 0.31,
                "best": setting("arcface", 1.0, 0.3, 0.0, 16.0),
            }
        ],
        "baselines": [
            {
                "name": "plain softmax",
                "setting": setting("softmax", 1.0, 0.0, 0.0, None),
                "predicted": 0.0,
            },
            {
                "name": "ArcFace (0.5, 64)",
                "setting": setting("arcface", 1.0, 0.5, 0.0, 64.0),
                "predicted": None,
            },
        ],
    }


def test_the_text_says_it_all_in_lines(answer):
    text = str(answer)
    assert text.splitlines()[0] == "accuracy: combined (m1 1, m2 0.25, m3 0.05, scale 12), lr 0.001"
    assert "+1.2 points at lr 0.001, 90 % interval +0.4 to +2.0 points" in text
    assert "m2 0.2 to 0.3, scale 8 to 20" in text
    assert "(at most 1.5 points less: what seeds alone make of it)" in text
    assert "for data on which those before it fail" in text
    assert re.search(r"^  2\. softmax +0\.003 +0\.4 points$", text, re.MULTILINE)
    assert "  a note" in text.splitlines()
    assert re.search(r"^  face, MS1MV2 +85,742 +scratch +arcface +m2 0\.5 +64$", text, re.MULTILINE)
    assert all(len(line) < 100 and line == line.rstrip() for line in text.splitlines())


def test_a_dash_is_explained_where_one_stands(answer):
    assert re.search(r"^  baseline +lr +predicted gain \(–: nothing like it", str(answer), re.M)
    (plain, default) = answer.baselines
    both = replace(answer, baselines=(plain, replace(default, predicted=-0.0004)))
    assert re.search(r"^  baseline +lr +predicted gain$", str(both), re.M)
    assert re.search(r"^  ArcFace \(0\.5, 64\) +0\.001 +0\.0 points$", str(both), re.M)
    unknown = replace(both, known=False, is_predicted=False)
    assert re.search(r"^  baseline +lr +mean gain over known tasks$", str(unknown), re.M)


def test_a_search_starts_with_the_shortlist_but_for_plain_softmax(answer):
    assert answer.warm_starts == (answer.setting,)
