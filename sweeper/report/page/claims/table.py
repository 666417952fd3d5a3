"""Judged claims as a table of a page."""

from collections.abc import Sequence

import pandas as pd

from sweeper.report.page import numbers
from sweeper.report.page.claims.judge import Judged
from sweeper.report.page.claims.verdict import words
from sweeper.report.page.text_table import TextTable

_HEADER = (
    *("source", "place", "claim", "verdict", "why", "difference", "p", "seeds"),
    *("least difference seen in 4 of 5", "seeds for the published difference", "remarks"),
)


def claims_table(judged: Sequence[Judged]) -> TextTable:
    """Return a row for each claim."""
    rows = [_row(each) for each in judged]
    frame = pd.DataFrame([_record(each) for each in judged])
    notes = [
        f"{words([each.verdict for each in judged])}. Differences have the direction of the claim, "
        "paired by seed, with 95 % intervals; shares in points. A claim of more holds if its "
        "interval lies above 0; it does not if the interval lies below 0 or below the published "
        "difference. Where several are compared, p is corrected by Holm's method, and the numbers "
        "are those of the closest pair.",
    ]
    text = frozenset({"source", "place", "claim", "verdict", "why", "remarks"})
    return TextTable(
        "claims", "What the sources claim", _HEADER, rows, frozenset(_HEADER) - text, frame, notes
    )


def _row(judged: Judged) -> tuple[str, ...]:
    claim, verdict, found = judged.claim, judged.verdict, judged.verdict.found
    measure = claim.measure
    difference = ""
    if found is not None:
        difference = numbers.interval(measure, found.mean, found.low, found.high)
    return (
        *(claim.source, claim.place, claim.text, verdict.word, verdict.why, difference),
        numbers.probability(verdict.p),
        str(verdict.seeds or ""),
        numbers.size(measure, verdict.least),
        "" if verdict.needed is None else f"{verdict.needed:,}",
        "; ".join(judged.remarks),
    )


def _record(judged: Judged) -> dict[str, object]:
    claim, verdict, found = judged.claim, judged.verdict, judged.verdict.found
    return {
        "source": claim.source,
        "place": claim.place,
        "claim": claim.text,
        "measure": claim.measure,
        "studies": ", ".join(claim.studies),
        "verdict": verdict.word,
        "why": verdict.why,
        "difference": None if found is None else found.mean,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "p": verdict.p,
        "seeds": verdict.seeds,
        "least_difference": verdict.least,
        "seeds_for_published": verdict.needed,
        "remarks": "; ".join(judged.remarks),
    }
