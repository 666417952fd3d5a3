"""Fonts that are built for a test, of rectangles."""

import random
from collections.abc import Iterable
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.ttProgram import Program

from sweeper.data.builtin.glyphs.scripts import SCRIPTS

LATIN = SCRIPTS["latin"].characters
THAI = SCRIPTS["thai"].characters
BOX = [(100, 0, 500, 700)]


def outline(rectangles: Iterable[tuple[int, int, int, int]]):
    pen = TTGlyphPen(None)
    for left, bottom, right, top in rectangles:
        pen.moveTo((left, bottom))
        for point in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def shapes(characters: str, seed: int) -> dict[str, list[tuple[int, int, int, int]]]:
    """A few rectangles for each character, no two alike."""
    generator = random.Random(seed)

    def rectangle() -> tuple[int, int, int, int]:
        left, bottom = generator.randrange(0, 300), generator.randrange(-200, 400)
        return (
            left,
            bottom,
            left + generator.randrange(80, 400),
            bottom + generator.randrange(80, 400),
        )

    return {character: [rectangle() for _ in range(3)] for character in characters}


def build(
    path: Path,
    family: str,
    drawn: dict[str, list[tuple[int, int, int, int]]],
    style: str = "Regular",
    typographic: str = "",
    missing: Iterable[str] = (),
) -> Path:
    """Write a TrueType font; the characters of ``missing`` are mapped to the box."""
    builder = FontBuilder(1000, isTTF=True)
    glyphs = {".notdef": outline(BOX)}
    glyphs |= {f"u{ord(c):04X}": outline(shape) for c, shape in drawn.items()}
    builder.setupGlyphOrder(list(glyphs))
    mapping = {ord(c): f"u{ord(c):04X}" for c in drawn}
    builder.setupCharacterMap(mapping | {ord(c): ".notdef" for c in missing})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (800, 0)))
    builder.setupHorizontalHeader(ascent=900, descent=-300)
    table = {"familyName": family, "styleName": style, "fullName": f"{family} {style}"}
    if typographic:
        table["typographicFamily"] = typographic
    builder.setupNameTable(table)
    builder.setupOS2()
    builder.setupPost()
    # A program that does nothing, without which FreeType would fit the outlines to the pixels.
    builder.font["prep"] = newTable("prep")
    builder.font["prep"].program = Program()
    builder.font["prep"].program.fromBytecode(b"\xb0\x00\x21" * 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path


def spec(folder: Path, more: str = "") -> str:
    return f"glyphs[fonts={folder}{more}]"


def shown(dataset, group: str) -> str:
    """The characters that a group has images of."""
    labels = dataset.labels[dataset.groups == dataset.group_names.index(group)]
    return "".join(dataset.class_names[c] for c in sorted(set(labels.tolist())))
