"""Where a font is at home: the one set of scripts that it is drawn for, found from its characters.

Many fonts have the letters of several scripts. If each were drawn for all of them, data sets of
different scripts would be made from the same fonts, and none could tell how well another is known.
"""

from collections.abc import Collection

from sweeper.data.builtin.glyphs.scripts import SCRIPTS

#: The homes that decide where a font has several, the first first. Korean fonts have kana, and
#: Japanese and Korean ones Greek and Cyrillic, which their national character sets hold. After
#: these, Greek or Cyrillic make a font European, as the large ones are that have most scripts.
_DECIDING = ("hangul", "kana", "european")
#: Fonts of all scripts have it.
_EVERYWHERE = "latin"


def claims(mapped: Collection[int], characters: str) -> frozenset[str]:
    """Return the characters that a font's map of code points has: none if fewer than half."""
    claimed = frozenset(c for c in characters if ord(c) in mapped)
    return claimed if 2 * len(claimed) >= len(characters) else frozenset()


def home(mapped: Collection[int]) -> str | None:
    """Return the home of a font, as in ``Script``.

    It is that of the one script that the font has beside Latin. Of several, it is the first of
    hangul, kana and european, and a font that has several others and none of these has no home. A
    font of Latin alone is European.

    Args:
        mapped: the code points that it has.

    Returns:
        None for a font of no script, or without a home.
    """
    found = {
        script.home
        for name, script in SCRIPTS.items()
        if name != _EVERYWHERE and claims(mapped, script.characters)
    }
    for first in _DECIDING:
        if first in found:
            return first
    if not found and claims(mapped, SCRIPTS[_EVERYWHERE].characters):
        return SCRIPTS[_EVERYWHERE].home
    return found.pop() if len(found) == 1 else None
