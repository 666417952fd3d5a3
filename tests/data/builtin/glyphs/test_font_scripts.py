"""Where fonts are at home, by their characters alone."""

import pytest

from sweeper.data.builtin.glyphs.font_scripts import claims, home
from sweeper.data.builtin.glyphs.scripts import SCRIPTS


def has(*scripts: str) -> set[int]:
    """The code points of a font of these scripts."""
    return {ord(c) for script in scripts for c in SCRIPTS[script].characters}


@pytest.mark.parametrize("script", list(SCRIPTS))
def test_a_font_of_one_script_is_at_home_there_with_latin_or_without(script: str) -> None:
    expected = SCRIPTS[script].home
    assert home(has(script)) == home(has(script, "latin")) == expected
    assert expected in SCRIPTS or expected in ("european", "kana")


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (("latin", "greek", "cyrillic", "hebrew", "arabic", "thai"), "european"),  # as DejaVu
        (("greek", "hebrew"), "european"),
        (("hebrew", "cyrillic", "latin"), "european"),
        (("hiragana", "katakana", "greek", "cyrillic", "latin"), "kana"),  # as JIS X 0208 has it
        (("katakana", "thai"), "kana"),
        (("hangul", "hiragana", "katakana", "greek", "cyrillic"), "hangul"),  # as KS X 1001
        (tuple(SCRIPTS), "hangul"),
        (("hebrew", "arabic", "latin"), None),
        ((), None),
    ],
)
def test_a_font_of_several_scripts(scripts: tuple[str, ...], expected: str | None) -> None:
    assert home(has(*scripts)) == expected


def test_a_few_letters_of_a_script_are_none() -> None:
    """As a Hebrew font has Greek letters for mathematics."""
    greek = SCRIPTS["greek"].characters
    few, half = set(map(ord, greek[:24])), set(map(ord, greek[:25]))  # of 49
    assert home(has("hebrew") | few) == "hebrew"
    assert home(has("hebrew") | half) == "european"
    assert claims(few, greek) == frozenset()
    assert claims(half, greek) == frozenset(greek[:25])
