"""What is said of test data that were read before."""

from collections.abc import Sequence

from sweeper.console import count
from sweeper.store import EarlierRead

#: More are counted.
_SHOWN = 3

_TEXTS = {
    "all": "the test data of this data set were read before, by {study} on {day}",
    "some": "some of these test data were read before, by {study} on {day}",
    "source": "test data of the same source were read before, by {study} on {day}, but not these "
    "very samples as far as can be told",
    "interrupted": "a confirmation of this study that was interrupted on {day} may have read the "
    "test split; its result was lost, and nobody has seen it",
}


def told(earlier: Sequence[EarlierRead]) -> list[str]:
    """Return a line for each earlier read, those of the very test data first, and what follows."""
    ranked = sorted(earlier, key=lambda read: list(_TEXTS).index(read.shared))
    lines = [
        _TEXTS[read.shared].format(study=repr(read.study), day=f"{read.when:%Y-%m-%d}")
        for read in ranked[:_SHOWN]
    ]
    if len(ranked) > _SHOWN:
        lines.append(f"and {count(len(ranked) - _SHOWN, 'more such read')}")
    if any(read.shared in ("all", "some") for read in earlier):
        lines.append(
            "what was chosen with those results in view looks better on these test data than on "
            "others"
        )
    return lines
