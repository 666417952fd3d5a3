"""What docs/security.md lists is tested where it says."""

import re
from pathlib import Path

import pytest

from sweeper.serve.uploads import limits

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| (?!tried |---)", line)]
TESTS = Path(__file__).parents[1] / "serve"


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_tests(row):
    named = re.findall(r"`([\w/]+\.py)`", row.rsplit("|", 2)[1])
    assert named
    for name in named:
        assert (TESTS / name).is_file() or (TESTS.parents[1] / name).is_file()


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]*)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).exists()


def test_the_limits_are_those_of_the_code():
    assert f"after {limits.MOST_KEPT} answers" in TEXT
    assert f"given up after {limits.STALLED:g} seconds" in TEXT
    assert f"{limits.MOST_SAMPLES + 1:,} rows" in TEXT
    assert f"{(limits.MOST_BYTES >> 20) + 1} MiB, said" in TEXT
