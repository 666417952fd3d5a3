"""docs/recommend.md explains every baseline, and `sweeper recommend --help` leads to it."""

import re
from pathlib import Path

import pytest

from sweeper.cli import main
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, baselines

PAGE = Path(__file__).parents[2] / "docs" / "recommend.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_baseline_has_its_line():
    rows = re.findall(r"^\| (`[^|]+) \|", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == {*baselines(10, 64, 1e-3, 0.0), BEST_CONSTANT, NEAREST_TASK}


def test_the_help_leads_to_it(capsys):
    with pytest.raises(SystemExit):
        main(["recommend", "--help"])
    assert "docs/recommend.md" in capsys.readouterr().out


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]*)", TEXT))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).exists()
