"""The page of the sources' claims, before and after studies are trained."""

import shutil

import pytest

from sweeper.report.page.claims.records import CLAIMS
from tools import sources
from tools.pages import fill


def test_before_anything_is_trained_every_claim_is_not_run():
    contents = sources.contents({})
    assert contents["summary"] == f"{len(CLAIMS)} claims: {len(CLAIMS)} not run."
    for claim in CLAIMS:
        assert f"| {claim.text} | not run | `sweeper run " in contents["claims"]
        for name in claim.studies:
            assert f"| `{name}` |" in contents["studies"]
    assert contents["published"] == "No study with published figures is run yet."


def test_the_page_takes_the_contents(tmp_path):
    page = tmp_path / "sources.md"
    shutil.copy(sources.PAGE, page)
    fill(page, sources.contents({}))
    assert all(claim.text in page.read_text(encoding="utf-8") for claim in CLAIMS)


def test_no_claim_stands_there_twice():
    keys = [(claim.source, claim.place, claim.text, claim.stand_in) for claim in CLAIMS]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.text)
def test_a_claim_fits_into_a_table(claim):
    assert "|" not in claim.text + claim.place + claim.stand_in
