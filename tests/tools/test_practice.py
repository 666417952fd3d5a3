"""docs/practice.md: its facts are those of the table; its tool fills the rest."""

import math
import re

import pytest
from pytorch_metric_learning.losses import ArcFaceLoss

from sweeper.repository.practice import practices
from tools import practice
from tools.pages import fill

TEXT = practice.PAGE.read_text(encoding="utf-8")


def between(text, name):
    return text.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0].strip()


def test_the_facts_are_up_to_date():
    assert between(TEXT, "settings") == practice.facts()


def test_every_row_stands_beside_what_ours_recommends():
    lines = between(TEXT, "ours").splitlines()[2:]
    assert len(lines) == len(practices())
    for line, other in zip(lines, practices(), strict=True):
        assert line.startswith(f"| {other.domain}, {other.data} |")
        assert other.described() in line
        assert ("known" in line.rsplit("|", 2)[1]) or other.num_classes is None


@pytest.mark.parametrize("other", [o for o in practices() if o.margin == "m2"][::5])
def test_degrees_are_what_pytorch_metric_learning_makes_radians_of(other):
    for end in (other.low, other.high):
        theirs = ArcFaceLoss(3, 2, margin=math.degrees(end))
        assert theirs.margin == pytest.approx(end)
    last = practice.in_their_unit(other).rpartition(" ")[2]
    assert math.radians(float(last.removesuffix("°"))) == pytest.approx(other.high, abs=1e-3)


def test_only_what_is_between_the_markers_is_written(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- one -->\nold\n<!-- end of one -->\nb\n", encoding="utf-8")
    fill(page, {"one": "new"})
    assert page.read_text(encoding="utf-8") == (
        "a\n<!-- one -->\n\nnew\n\n<!-- end of one -->\nb\n"
    )


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]*)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (practice.PAGE.parent / target).exists()
