"""Comparisons by seed: of a study's settings, and of the losses of one study or several."""

import statistics
from collections.abc import Mapping, Sequence

import pandas as pd

from sweeper.confirm.all_pairs import Pair, all_pairs
from sweeper.confirm.power import least_difference, seeds_needed
from sweeper.console import count
from sweeper.registry.objectives import is_share
from sweeper.report.page import numbers
from sweeper.report.page.text_table import TextTable

#: Pairs that a page shows; the CSV has all.
_SHOWN = 12

#: Differences whose price in seeds is told: of shares, and of others relative to the mean.
_SHARES, _RATIOS = (0.0004, 0.001, 0.003, 0.01), (0.01, 0.03, 0.1)

_HEADER = (
    *("one", "other", "one − other", "p", "p, corrected", "differ", "seeds"),
    "least difference seen in 4 of 5",
)


def pairs_table(
    name: str, title: str, objective: str, values: Mapping[str, Mapping[int, float]]
) -> TextTable:
    """Return all pairs of what has values, the most different first.

    Args:
        name: of its files.
        title: above it.
        objective: what was measured.
        values: by seed, of everything that is compared.
    """
    pairs = all_pairs(values)
    frame = pd.DataFrame([_record(pair) for pair in pairs])
    rows = [_row(objective, pair) for pair in pairs[:_SHOWN]]
    notes = _notes(objective, values, pairs)
    numeric = frozenset(_HEADER) - {"one", "other", "differ"}
    hidden = len(pairs) - len(rows)
    return TextTable(name, title, _HEADER, rows, numeric, frame, notes, hidden)


def _notes(
    objective: str, values: Mapping[str, Mapping[int, float]], pairs: Sequence[Pair[str]]
) -> list[str]:
    spreads = [pair.found.spread for pair in pairs if pair.found.spread > 0]
    if not spreads:
        return ["Noise is unknown: each pair needs two seeds, on which it differs differently."]
    differ = [pair for pair in pairs if pair.differs]
    middle = statistics.median(spreads)
    seeds = max(pair.found.seeds for pair in pairs)
    found = f"{len(differ)} of {len(pairs)} pairs {_verb(len(differ))} by more than noise"
    lines = [
        f"{found}: paired t-tests over seeds, p corrected for the number of pairs by Holm's "
        "method, at the level 0.05. In points where the measure is a share.",
        f"With {count(seeds, 'seed')} a pair of median spread must truly differ by "
        f"{numbers.size(objective, least_difference(middle, seeds))} to be told apart in four "
        "of five experiments, if it alone is looked at. " + _prices(objective, values, middle),
    ]
    left_out = sorted({seed for pair in pairs for seed in pair.found.left_out})
    if left_out:
        lines.append(
            f"Left out where one of a pair lacks them: {count(len(left_out), 'seed')} "
            f"({', '.join(map(str, left_out[:10]))}{', …' if len(left_out) > 10 else ''})."
        )
    return lines


def _prices(objective: str, values: Mapping[str, Mapping[int, float]], spread: float) -> str:
    """Return how many seeds smaller and larger differences take."""
    if is_share(objective):
        differences: Sequence[float] = _SHARES
    else:
        level = abs(statistics.fmean(v for each in values.values() for v in each.values()))
        differences = [share * level for share in _RATIOS]
    prices = []
    for difference in differences:
        needed = seeds_needed(difference, spread)
        number = "more than a million" if needed is None else f"{needed:,}"
        prices.append(f"{numbers.size(objective, difference)} take {number}")
    return f"Seeds needed: {', '.join(prices)}."


def _verb(number: int) -> str:
    return "differs" if number == 1 else "differ"


def _row(objective: str, pair: Pair[str]) -> tuple[str, ...]:
    found = pair.found
    return (
        pair.one,
        pair.other,
        numbers.interval(objective, found.mean, found.low, found.high),
        numbers.probability(found.p),
        numbers.probability(pair.corrected),
        "yes" if pair.differs else "no" if pair.corrected == pair.corrected else "",
        str(found.seeds),
        numbers.size(objective, pair.least),
    )


def _record(pair: Pair[str]) -> dict[str, object]:
    found = pair.found
    return {
        "one": pair.one,
        "other": pair.other,
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "p_corrected": pair.corrected,
        "differ": pair.differs,
        "seeds": found.seeds,
        "std_of_differences": found.spread,
        "least_difference": pair.least,
    }
