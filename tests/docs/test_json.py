"""docs/json.md has every field that `sweeper recommend --format json` prints, and no other."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sweeper.api import recommend
from tests.support.recommend_schema import Answer, paths

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
TEXT = PAGE.read_text(encoding="utf-8")


def clouds():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    return rng.normal(size=(90, 5)).astype(np.float32) + labels[:, None], labels


def noise(images, classes):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (images, 28, 28), dtype=np.uint8), np.arange(images) % classes


ASKED = {
    "embeddings": lambda: recommend(*clouds(), loss="arcface"),
    "images": lambda: recommend(*noise(60, 6), objective="retrieval"),
    "too many classes": lambda: recommend(*noise(3000, 1500), loss="cosface"),
    "compactness": lambda: recommend(*clouds(), objective="compactness", net="linear"),
    "a term": lambda: recommend(*noise(60, 6), beside="center"),
    "the losses": lambda: recommend(*clouds(), loss="any", beside=["sigma2r", "center"]),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_is_printed_is_what_is_fixed(case):
    printed = ASKED[case]().to_json()
    answer = Answer.model_validate_json(printed)
    assert answer.gain.low <= answer.gain.mean <= answer.gain.high
    assert len(answer.practice) == 3
    if answer.shortlist:
        first = answer.shortlist[0].model_dump(exclude={"regret"})
        assert first == answer.recommended.model_dump()


def test_the_model_refuses_what_is_not_fixed():
    printed = json.loads(ASKED["embeddings"]().to_json())
    for broken in ({"more": 1}, {"known": "yes"}, {"practice": [{"domain": "face"}]}):
        with pytest.raises(ValidationError):
            Answer.model_validate_json(json.dumps({**printed, **broken}))


def test_the_table_has_every_field_in_order():
    assert re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE) == list(paths())


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]*)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).exists()
