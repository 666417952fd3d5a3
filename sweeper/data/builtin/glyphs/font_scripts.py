"""The home of a font: the one family of scripts it was designed for, inferred from its characters.

Many fonts have letters of several scripts. If each were used for all of them, data sets of
different scripts would share fonts and would not be independent.
"""

from collections.abc import Collection

from sweeper.data.builtin.glyphs.scripts import SCRIPTS

#: The homes that decide, in this order, if a font has several. Korean fonts contain kana, and
#: Japanese and Korean fonts contain Greek and Cyrillic, because their national character sets do.
#: After these, Greek or Cyrillic make a font European, like the large fonts that cover most
#: scripts.
_DECIDING = ("hangul", "kana", "european")
#: Fonts of all scripts include it.
_EVERYWHERE = "latin"


def claims(mapped: Collection[int], characters: str) -> frozenset[str]:
    """Return the characters that a font maps, or none if it maps fewer than half."""
    claimed = frozenset(c for c in characters if ord(c) in mapped)
    return claimed if 2 * len(claimed) >= len(characters) else frozenset()


def home(mapped: Collection[int]) -> str | None:
    """Return the home of a font, as in ``Script``.

    It is the home of the only script that the font has besides Latin. If it has several, it is the
    first of hangul, kana and european; with several others and none of these it has no home. A font
    with only Latin is European.

    Args:
        mapped: the code points of the font.

    Returns:
        The home, or None for a font without one.
    """
    homes = {
        script.home
        for name, script in SCRIPTS.items()
        if name != _EVERYWHERE and claims(mapped, script.characters)
    }
    for first in _DECIDING:
        if first in homes:
            return first
    if not homes and claims(mapped, SCRIPTS[_EVERYWHERE].characters):
        return SCRIPTS[_EVERYWHERE].home
    return homes.pop() if len(homes) == 1 else None
