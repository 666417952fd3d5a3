"""The three verdicts, and the rules that lead to them.

Each rule is about differences over seeds, which are positive in the direction that is claimed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from sweeper.confirm.all_pairs import all_pairs, holm
from sweeper.confirm.paired import Paired, paired
from sweeper.confirm.power import LEVEL, least_difference, seeds_needed

Word = Literal["holds", "does not", "cannot be told", "not run"]

Values = Mapping[int, float]


@dataclass(frozen=True)
class Verdict:
    """A verdict and what it rests on.

    Attributes:
        word: the verdict.
        why: in words, without numbers that stand in the fields.
        found: the differences that decide; None where nothing was compared.
        p: that decides, corrected where several were compared; NaN without a test.
        least: the smallest true difference that would have been found in four of five
            experiments; NaN without a test.
        needed: how many seeds the published difference would take; None where none is published,
            or it takes more than a million.
    """

    word: Word
    why: str
    found: Paired | None = None
    p: float = math.nan
    least: float = math.nan
    needed: int | None = None

    @property
    def seeds(self) -> int:
        """How many seeds were compared."""
        return 0 if self.found is None else self.found.seeds


def better(one: Values, other: Values, sign: int, published: float | None = None) -> Verdict:
    """Judge whether one setting is better than another.

    It holds where the 95 % interval of the differences lies above 0. It does not where the interval
    lies below 0, or below the difference that was published. Else it cannot be told.

    Args:
        one: values of the one that is claimed to be better, by seed.
        other: of the other.
        sign: 1 where more is better, -1 where less is.
        published: by how much it is better in the source, positive, if it says so.
    """
    found = paired(_signed(one, sign), _signed(other, sign))
    if math.isnan(found.p):
        return Verdict("cannot be told", "noise is unknown", found)
    least = least_difference(found.spread, found.seeds)
    needed = seeds_needed(published, found.spread) if published else None
    numbers = (found, found.p, least, needed)
    if found.low > 0:
        smaller = published is not None and found.high < published
        why = "so by more than noise" + (", but by less than published" if smaller else "")
        return Verdict("holds", why, *numbers)
    if found.high < 0:
        return Verdict("does not", "the opposite by more than noise", *numbers)
    if published is not None and found.high < published:
        why = "no difference beyond noise, and one as large as published is excluded"
        return Verdict("does not", why, *numbers)
    return Verdict("cannot be told", "no difference beyond noise", *numbers)


def best(one: Values, others: Mapping[str, Values], sign: int) -> Verdict:
    """Judge whether one setting is the best of several.

    It holds where it is better than each other one, p corrected by Holm's method. It does not where
    any other is better than it. Else it cannot be told. The numbers are those of the closest rival.

    Args:
        one: values of the one that is claimed to be best, by seed.
        others: of the others, by name.
        sign: as in `better`.
    """
    compared = {name: paired(_signed(one, sign), _signed(v, sign)) for name, v in others.items()}
    tested = {name: found for name, found in compared.items() if not math.isnan(found.p)}
    if len(tested) < len(others) or not others:
        return Verdict("cannot be told", "noise is unknown")
    adjusted = dict(zip(tested, holm([found.p for found in tested.values()]), strict=True))
    rival = min(tested, key=lambda name: tested[name].mean)
    found = tested[rival]
    least = least_difference(found.spread, found.seeds, LEVEL / len(tested))
    numbers = (found, adjusted[rival], least)
    sure = {name for name, p in adjusted.items() if p < LEVEL}
    ahead = [name for name in sure if tested[name].mean < 0]
    if ahead:
        return Verdict(
            "does not", f"{', '.join(sorted(ahead))} better by more than noise", *numbers
        )
    if len(sure) == len(tested):
        return Verdict("holds", f"better than each other, {rival} being next", *numbers)
    level = sorted(set(tested) - sure)
    shown = ", ".join(level[:3]) + (f" and {len(level) - 3} more" if len(level) > 3 else "")
    return Verdict("cannot be told", f"not told apart from {shown}", *numbers)


def level(one: Values, other: Values, within: float) -> Verdict:
    """Judge whether two settings are as good as each other, up to a difference that does not count.

    It holds where the 95 % interval of the differences lies within that difference to both sides
    (two one-sided tests at 2.5 %), it does not where the interval lies beyond it, else it cannot be
    told.

    Args:
        one: values by seed.
        other: likewise.
        within: the difference that does not count.
    """
    found = paired(one, other)
    if math.isnan(found.p):
        return Verdict("cannot be told", "noise is unknown", found)
    least = least_difference(found.spread, found.seeds)
    numbers = (found, found.p, least, seeds_needed(within, found.spread))
    if -within < found.low and found.high < within:
        return Verdict("holds", "a larger difference is excluded", *numbers)
    if found.low > within or found.high < -within:
        return Verdict("does not", "they differ by more", *numbers)
    return Verdict("cannot be told", "the interval reaches to both sides of the limit", *numbers)


def any_differs(values: Mapping[str, Values], published: float) -> Verdict:
    """Judge whether any two of several settings differ.

    It holds where a pair does, p corrected by Holm's method. It does not where for every pair the
    interval, at the level divided by the number of pairs, excludes a difference as large as the
    source reads its figures for. Else it cannot be told. The numbers are those of the pair with the
    smallest p-value.

    Args:
        values: of each setting, by seed.
        published: the largest difference that the source reads.
    """
    pairs = all_pairs(values)
    if not pairs or any(math.isnan(pair.found.p) for pair in pairs):
        return Verdict("cannot be told", "noise is unknown")
    first = pairs[0]
    needed = seeds_needed(published, first.found.spread)
    numbers = (first.found, first.corrected, first.least, needed)
    differ = [pair for pair in pairs if pair.differs]
    if differ:
        return Verdict("holds", f"{len(differ)} of {len(pairs)} pairs differ", *numbers)
    if all(_reach(pair.found, len(pairs)) < published for pair in pairs):
        return Verdict("does not", f"none of {len(pairs)} pairs differs by as much", *numbers)
    return Verdict("cannot be told", f"none of {len(pairs)} pairs differs beyond noise", *numbers)


def _reach(found: Paired, pairs: int) -> float:
    """Return the largest difference that the corrected interval of a pair does not exclude."""
    quantile = float(stats.t.isf(LEVEL / (2 * pairs), found.seeds - 1))
    return abs(found.mean) + quantile * found.spread / math.sqrt(found.seeds)


def _signed(values: Values, sign: int) -> dict[int, float]:
    return {seed: sign * value for seed, value in values.items()}


def words(verdicts: Sequence[Verdict]) -> str:
    """Return how many claims have which verdict: ``2 hold, 1 does not, 1 cannot be told``."""
    counts = {word: sum(v.word == word for v in verdicts) for word in _PLURAL}
    return ", ".join(f"{n} {word if n == 1 else _PLURAL[word]}" for word, n in counts.items() if n)


_PLURAL: dict[Word, str] = {
    "holds": "hold",
    "does not": "do not",
    "cannot be told": "cannot be told",
    "not run": "not run",
}
