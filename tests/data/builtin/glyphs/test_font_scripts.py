"""The homes of fonts, by their characters only."""

import pytest

from sweeper.data.builtin.glyphs.font_scripts import claims, home
from sweeper.data.builtin.glyphs.scripts import SCRIPTS


def has(*scripts: str) -> set[int]:
    """Return the code points of a font of these scripts."""
    return {ord(c) for script in scripts for c in SCRIPTS[script].characters}


@pytest.mark.parametrize("script", list(SCRIPTS))
def test_a_font_of_one_script_has_its_home_with_or_without_latin(script: str) -> None:
    expected = SCRIPTS[script].home
    assert home(has(script)) == home(has(script, "latin")) == expected
    assert expected in SCRIPTS or expected in ("european", "kana")


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (("latin", "greek", "cyrillic", "hebrew", "arabic", "thai"), "european"),  # like DejaVu
        (("greek", "hebrew"), "european"),
        (("hebrew", "cyrillic", "latin"), "european"),
        (("hiragana", "katakana", "greek", "cyrillic", "latin"), "kana"),  # like JIS X 0208
        (("katakana", "thai"), "kana"),
        (("hangul", "hiragana", "katakana", "greek", "cyrillic"), "hangul"),  # like KS X 1001
        (tuple(SCRIPTS), "hangul"),
        (("hebrew", "arabic", "latin"), None),
        ((), None),
    ],
)
def test_a_font_of_several_scripts(scripts: tuple[str, ...], expected: str | None) -> None:
    assert home(has(*scripts)) == expected


def test_a_few_letters_of_a_script_do_not_count() -> None:
    """Such as Greek letters for mathematics in a Hebrew font."""
    greek = SCRIPTS["greek"].characters
    few, half = set(map(ord, greek[:24])), set(map(ord, greek[:25]))  # of 49
    assert home(has("hebrew") | few) == "hebrew"
    assert home(has("hebrew") | half) == "european"
    assert claims(few, greek) == frozenset()
    assert claims(half, greek) == frozenset(greek[:25])
