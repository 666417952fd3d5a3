"""``glyphs`` in fonts that are built here, and in those of the machine."""

import random
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

from sweeper.data import BuiltIn, Dataset, describe, load, names, split
from sweeper.data.builtin.glyphs import fonts
from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.errors import SweeperError, UsageError

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of six whole Latin fonts, each of a family of its own."""
    for number in range(6):
        build(tmp_path / "fonts" / f"{number}.ttf", f"Font {number}", shapes(LATIN, number))
    return tmp_path / "fonts"


def spec(folder: Path, more: str = "") -> str:
    return f"glyphs[fonts={folder}{more}]"


def shown(dataset, group: str) -> str:
    """The characters that a group has images of."""
    labels = dataset.labels[dataset.groups == dataset.group_names.index(group)]
    return "".join(dataset.class_names[c] for c in sorted(set(labels.tolist())))


def test_a_class_is_a_character_and_a_group_a_family(folder: Path) -> None:
    dataset = load(spec(folder))
    assert dataset.inputs.shape == (6 * 52, 1, 28, 28)
    assert dataset.inputs.dtype == torch.uint8
    assert dataset.class_names == tuple(LATIN)
    assert dataset.group_names == tuple(f"Font {number}" for number in range(6))
    assert dataset.groups is not None
    pairs = set(zip(dataset.groups.tolist(), dataset.labels.tolist(), strict=True))
    assert len(pairs) == 6 * 52
    assert dataset.source == f"glyphs {folder.parent.name}/fonts"  # as of a folder of images
    assert dataset.parts is None
    assert dataset.remark == "drawn in 6 fonts of 6 families"
    assert describe(dataset).remark == dataset.remark
    assert describe(dataset).groups == 6


def test_what_is_drawn_is_what_the_font_has(tmp_path: Path) -> None:
    """A bar's picture, worked out by hand: 700 × 140 units in a box of 20 pixels."""
    for number in range(5):
        drawn = shapes(LATIN, number)
        for c in LATIN:
            drawn[c] = [(0, 0, 700, 140 + 5 * LATIN.index(c) + number)]
        build(tmp_path / "fonts" / f"{number}.ttf", f"Font {number}", drawn)
    dataset = load(spec(tmp_path / "fonts"))
    first = dataset.inputs[(dataset.labels == 0) & (dataset.groups == 0)][0, 0].numpy()
    rows, columns = np.flatnonzero(first.any(axis=1)), np.flatnonzero(first.any(axis=0))
    assert (columns[0], columns[-1]) == (4, 23)
    assert (rows[0], rows[-1]) == (12, 15)
    assert first[13, 4:23].min() > 240  # white on black
    assert first.min() == 0


@pytest.mark.parametrize("side", [8, 28, 32, 100])
def test_any_size_has_a_margin_and_is_centered(folder: Path, side: int) -> None:
    dataset = load(spec(folder, f", size={side}"))
    assert dataset.input_shape == (1, side, side)
    assert dataset.name == f"glyphs[size={side}, fonts={folder}]"
    box = round(side * 20 / 28)
    for image in dataset.inputs[:, 0].numpy():
        for axis in (0, 1):
            inked = np.flatnonzero(image.any(axis=axis))
            before, after = inked[0], side - 1 - inked[-1]
            assert abs(before - after) <= 2
            assert inked[-1] - inked[0] < box
    largest = max(np.flatnonzero(image.any(axis=1)).size for image in dataset.inputs[:, 0].numpy())
    assert largest >= box - 1


def test_capitals_stay_larger_than_small_letters(tmp_path: Path) -> None:
    for number in range(5):
        drawn = shapes(LATIN, number)
        drawn["C"], drawn["c"] = [(0, 0, 650 + number, 700)], [(0, 0, 450 + number, 500)]
        build(tmp_path / f"{number}.ttf", f"Font {number}", drawn)
    dataset = load(spec(tmp_path, ", classes=C+c"))
    heights = dataset.inputs[:, 0].amax(dim=2).bool().sum(dim=1)
    small, large = (heights[dataset.labels == c] for c in (1, 0))
    assert torch.allclose(small / large, torch.tensor(5 / 7), atol=0.08)


def test_no_font_stands_on_two_sides_of_a_split(folder: Path) -> None:
    for number in range(6, 12):
        build(folder / f"{number}.ttf", f"Font {number}", shapes(LATIN, number))
    dataset = load(spec(folder))
    for seed in range(5):
        result = split(dataset, False, seed)
        sides = [
            set(dataset.groups[part].tolist())
            for part in (result.train, result.validation, result.test)
        ]
        assert all(sides)
        assert sum(map(len, sides)) == len(set.union(*sides)) == 12
    held_out = split(dataset, True, 0)
    assert len(held_out.held_out_test) > 13


def test_the_usual_keys_apply(folder: Path) -> None:
    dataset = load(spec(folder, ", classes=A+b+Z, per_class=4, noise=0.5, seed=3"))
    assert dataset.class_names == ("A", "Z", "b")
    assert len(dataset) == 12
    assert dataset.label_noise == 0.5
    assert load(spec(folder, ", classes=0-2")).class_names == tuple("ABC")
    with pytest.raises(UsageError, match="broken is for data sets of image files"):
        load(spec(folder, ", broken=skip"))


def test_styles_of_a_family_are_one_group(folder: Path) -> None:
    build(folder / "bold.ttf", "Font 0", shapes(LATIN, 10), style="Bold")
    build(folder / "thin.ttf", "Font 0 Thin", shapes(LATIN, 11), typographic="Font 0")
    dataset = load(spec(folder))
    assert dataset.group_names == tuple(f"Font {number}" for number in range(6))
    assert dataset.groups.bincount().tolist() == [3 * 52] + [52] * 5
    assert dataset.remark == "drawn in 8 fonts of 6 families"


def test_a_copy_is_taken_once(folder: Path) -> None:
    before = load(spec(folder))
    shutil.copy(folder / "0.ttf", folder / "copy.ttf")
    (folder / "deeper").mkdir()
    shutil.copy(folder / "1.ttf", folder / "deeper" / "1.TTF")
    after = load(spec(folder))
    assert after.fingerprint() == before.fingerprint()
    assert torch.equal(after.inputs, before.inputs)


def test_families_that_draw_alike_are_one_group(folder: Path) -> None:
    """As those of the Noto fonts for other scripts, which all have Noto Sans's Latin letters."""
    half = shapes(LATIN[:26], 5) | shapes(LATIN[26:], 77)
    build(folder / "half.ttf", "Another", half)
    build(folder / "renamed.ttf", "Yet another", shapes(LATIN, 4))
    drawn = shapes(LATIN, 88) | {c: shapes(LATIN, 2)[c] for c in LATIN[:10]}
    build(folder / "few.ttf", "Few", drawn)
    dataset = load(spec(folder))
    assert dataset.group_names == (
        "Another",
        "Few",
        "Font 0",
        "Font 1",
        "Font 2",
        "Font 3",
        "Font 4",
    )
    assert shown(dataset, "Another") == LATIN
    images = dataset.inputs.flatten(1)
    assert len(torch.unique(images, dim=0)) == len(images)  # each picture once
    assert len(dataset) == 6 * 52 + 26 + 42


def test_what_a_font_lacks_is_left_out(folder: Path) -> None:
    build(folder / "a.ttf", "Without xyz", shapes(LATIN[:-3], 20))
    build(folder / "b.ttf", "Boxes", shapes(LATIN[:40], 21), missing=LATIN[40:])
    drawn = shapes(LATIN, 22)
    build(folder / "c.ttf", "Blanks", drawn | {c: [] for c in "ABC"})
    dataset = load(spec(folder))
    assert shown(dataset, "Without xyz") == LATIN[:-3]
    assert shown(dataset, "Boxes") == LATIN[:40]
    assert shown(dataset, "Blanks") == LATIN[3:]


def test_capitals_in_place_of_small_letters_are_left_out(folder: Path) -> None:
    drawn = shapes(LATIN, 22)
    build(folder / "a.ttf", "No small o", drawn | {"o": drawn["O"]})
    build(folder / "b.ttf", "All capitals", shapes(LATIN[:26], 23) | shapes(LATIN[:26].lower(), 23))
    capitals = shapes(LATIN, 24)
    capitals |= {c.lower(): capitals[c] for c in LATIN[:26]}
    build(folder / "c.ttf", "Capitals", capitals)
    dataset = load(spec(folder))
    assert set(LATIN) - set(shown(dataset, "No small o")) == {"O", "o"}
    assert not {"Capitals", "All capitals"} & set(dataset.group_names)


@pytest.mark.parametrize(
    ("drawn", "missing"),
    [
        (shapes(LATIN[:25], 30), ()),  # fewer than half
        (shapes(LATIN[:25], 30), LATIN[25:]),  # boxes for more than half
        ({c: [(0, 0, 300, 300)] for c in LATIN}, ()),  # one picture for all
        ({c: [] for c in LATIN}, ()),  # blanks
        (shapes(THAI, 30), ()),  # another script
        ({c: [(0, 0, 9, 32_000), (0, -32_000, 9, 0)] for c in LATIN}, ()),  # out of all bounds
    ],
)
def test_a_font_of_no_use_is_left_out(folder: Path, drawn, missing) -> None:
    before = load(spec(folder))
    build(folder / "more.ttf", "More", drawn, missing=missing)
    assert load(spec(folder)).fingerprint() == before.fingerprint()
    assert load(spec(folder)).remark == before.remark


@pytest.mark.filterwarnings("error")
def test_broken_fonts_are_left_out_and_counted(folder: Path, capfd) -> None:
    whole = build(folder / "x.ttf", "Broken", shapes(LATIN, 40)).read_bytes()
    (folder / "x.ttf").unlink()
    before = load(spec(folder))
    contents = {
        "cut.ttf": whole[: len(whole) // 2],
        "empty.otf": b"",
        "header.ttf": whole[:30],
        "html.ttf": b"<!DOCTYPE html>" * 100,
        "none.ttc": b"ttcf\0\1\0\0\0\0\0\2\0\0\0\x14",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    # One whose tables are there, with the outlines overwritten.
    font = TTFont(folder / "0.ttf")
    entry = font.reader.tables["glyf"]
    damaged = bytearray(whole)
    damaged[entry.offset : entry.offset + 2000] = b"\xff" * 2000
    font.close()
    (folder / "glyf.ttf").write_bytes(damaged)
    (folder / "link.ttf").symlink_to(folder / "nowhere")
    (folder / "notes.txt").write_text("no font")
    dataset = load(spec(folder))
    assert "font files that cannot be read and are left out: " in dataset.remark
    assert f"{folder / 'cut.ttf'} first" in dataset.remark
    assert {f"Font {number}" for number in range(6)} <= set(dataset.group_names)
    for name in ("glyf.ttf", "link.ttf"):
        (folder / name).unlink()
    dataset = load(spec(folder))
    assert dataset.fingerprint() == before.fingerprint()
    assert dataset.remark.endswith(f"left out: 5, {folder / 'cut.ttf'} first")
    assert capfd.readouterr() == ("", "")


def test_any_damage_is_survived(folder: Path) -> None:
    """Fonts with random bytes overwritten: FreeType may draw anything, but nothing is raised."""
    whole = build(folder / "x.ttf", "Broken", shapes(LATIN, 40)).read_bytes()
    generator = np.random.default_rng(0)
    for number in range(60):
        content = np.frombuffer(whole, np.uint8).copy()
        spots = generator.integers(12, len(content), generator.integers(1, 30))
        content[spots] = generator.integers(0, 256, len(spots))
        (folder / f"x{number}.ttf").write_bytes(content.tobytes())
    dataset = load(spec(folder))
    assert {f"Font {number}" for number in range(6)} <= set(dataset.group_names)


def test_each_font_of_a_collection_counts(tmp_path: Path) -> None:
    collection = TTCollection()
    for number in range(6):
        path = build(tmp_path / f"{number}.ttf", f"Font {number}", shapes(LATIN, number))
        collection.fonts.append(TTFont(path))
    (tmp_path / "fonts").mkdir()
    collection.save(tmp_path / "fonts" / "all.ttc")
    collection.close()
    dataset = load(spec(tmp_path / "fonts"))
    assert dataset.group_names == tuple(f"Font {number}" for number in range(6))
    assert torch.equal(dataset.inputs, load(spec(tmp_path)).inputs[: len(dataset)])


def test_the_fingerprint_is_of_the_fonts_not_of_their_places(folder: Path, tmp_path: Path) -> None:
    before = load(spec(folder))
    assert load(spec(folder)).fingerprint() == before.fingerprint()
    elsewhere = tmp_path / "else where" / "deep"
    elsewhere.mkdir(parents=True)
    for number in range(6):
        shutil.copy(folder / f"{number}.ttf", elsewhere / f"{'fedcba'[number]}.ttf")
    again = load(spec(elsewhere.parent))
    assert again.fingerprint() == before.fingerprint()
    assert again.name != before.name
    # A change that no pixel shows.
    font = TTFont(folder / "3.ttf")
    font["head"].fontRevision = 7.0
    font.save(folder / "3.ttf")
    font.close()
    changed = load(spec(folder))
    assert torch.equal(changed.inputs, before.inputs)
    assert changed.fingerprint() != before.fingerprint()
    build(elsewhere / "a.ttf", "Font 5 renamed", shapes(LATIN, 5))
    assert load(spec(elsewhere.parent)).fingerprint() != before.fingerprint()


@pytest.mark.parametrize("script", list(SCRIPTS))
def test_each_script(tmp_path: Path, script: str) -> None:
    characters = SCRIPTS[script].characters
    assert len(set(characters)) == len(characters)
    for number in range(5):
        build(tmp_path / f"{number}.ttf", f"Font {number}", shapes(characters, number))
    dataset = load(spec(tmp_path, f", script={script}"))
    assert dataset.class_names == tuple(characters)
    assert len(dataset) == 5 * len(characters)
    shown_in_name = "" if script == "latin" else f"script={script}, "
    assert dataset.name == f"glyphs[{shown_in_name}fonts={tmp_path}]"


def test_a_rare_character_is_no_class(folder: Path) -> None:
    for number in (0, 1):
        build(folder / f"{number}.ttf", f"Font {number}", shapes(LATIN[:-1], number))
    assert load(spec(folder)).class_names == tuple(LATIN[:-1])


def test_the_name_leads_back_from_any_folder(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder.parent)
    dataset = load("glyphs[ fonts = ./fonts/../fonts, script=latin, classes=A+B]")
    assert dataset.name == f"glyphs[classes=A+B, fonts={folder}]"
    monkeypatch.chdir("/")
    assert load(dataset.name).fingerprint() == dataset.fingerprint()
    monkeypatch.setenv("HOME", str(folder.parent))
    assert load("glyphs[fonts=~/fonts]").name == f"glyphs[fonts={folder}]"


def test_without_a_folder_the_systems_fonts_are_drawn(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent))
    monkeypatch.setenv("HOME", str(folder.parent / "nowhere"))
    assert fonts.system_folders()[2] == folder
    system = fonts.system_folders
    monkeypatch.setattr("sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: system()[2:])
    dataset = load("glyphs")
    assert dataset.name == "glyphs"
    assert dataset.fingerprint() == load(spec(folder)).fingerprint()


def test_the_systems_fonts_are_drawn_at_home_alone(folder: Path, monkeypatch) -> None:
    """Those of a folder that is named, for all scripts that they have."""
    sources = {}
    for first, others in (("hebrew", ""), ("greek", "hebrew"), ("hiragana", "greek")):
        for number in range(5):
            letters = "".join(SCRIPTS[s].characters for s in (first, others, "latin") if s)
            build(folder / f"{first}{number}.ttf", f"{first} {number}", shapes(letters, number))
    monkeypatch.setattr("sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: [folder])
    drawn = {}
    for script in ("latin", "greek", "hebrew", "hiragana"):
        dataset = load(f"glyphs[script={script}]")
        drawn[script], sources[script] = set(dataset.group_names), dataset.source
    families = {script: {f"{script} {number}" for number in range(5)} for script in drawn}
    assert drawn == families | {
        "latin": families["greek"] | {f"Font {number}" for number in range(6)}
    }
    assert sources == {
        "latin": "glyphs european",
        "greek": "glyphs european",
        "hebrew": "glyphs hebrew",
        "hiragana": "glyphs kana",
    }
    named = load(spec(folder, ", script=hebrew"))
    assert set(named.group_names) == families["hebrew"] | families["greek"]
    with pytest.raises(SweeperError, match=r"this machine has 0 families of Katakana fonts, where"):
        load("glyphs[script=katakana]")


def item() -> BuiltIn:
    return next(item for item in names() if item.name == "glyphs")


def test_too_few_fonts_are_told_in_one_line(folder: Path, tmp_path: Path, monkeypatch) -> None:
    for number in (0, 1):
        (folder / f"{number}.ttf").unlink()
    (tmp_path / "empty").mkdir()
    for place, number in ((folder, 4), (tmp_path / "empty", 0)):
        with pytest.raises(SweeperError) as caught:
            load(spec(place))
        assert str(caught.value) == (
            f"glyphs: the folder {place} has {number} families of Latin fonts, "
            "where 5 are needed; add fonts to it"
        )
    monkeypatch.setattr(
        "sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: [tmp_path / "empty"]
    )
    with pytest.raises(SweeperError, match=r"^glyphs: this machine has 0 .*Thai.*fonts-thai-tlwg"):
        load("glyphs[script=thai]")
    assert not item().is_here()
    monkeypatch.setattr("sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: [folder])
    assert item().is_here()


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("fonts=./nowhere", "there is no folder /"),
        ("fonts=~nosuchuser/x", "there is no home folder"),
        ("script=Latin", "script must be one of latin, greek"),
        ("fonts=a[1]", "unbalanced bracket"),
    ],
)
def test_bad_keys(inside: str, says: str) -> None:
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        load(f"glyphs[{inside}]")
    assert says in str(caught.value)


def test_a_path_that_the_grammar_cannot_hold(folder: Path, monkeypatch) -> None:
    place = folder.parent / "a, b"
    place.mkdir()
    folder.rename(place / "fonts")
    monkeypatch.chdir(place)
    with pytest.raises(SweeperError, match=r"has a comma or a bracket, which fonts= cannot hold$"):
        load("glyphs[fonts=fonts]")


def _families(script: str) -> int:
    of = SCRIPTS[script]
    faces, _ = fonts.find_faces(fonts.system_folders(), of.characters, of.home)
    return len({face.family for face in faces})


@pytest.mark.long
@pytest.mark.parametrize("script", list(SCRIPTS))
def test_the_fonts_of_this_machine(script: str, record_property: Callable[..., None]) -> None:
    if (families := _families(script)) < 8:
        pytest.skip(
            f"{families} families of fonts have {script} letters, 8 are wanted; "
            f"apt install {SCRIPTS[script].packages}"
        )
    start = time.perf_counter()
    dataset = load(f"glyphs[script={script}]")
    seconds = time.perf_counter() - start
    record_property("seconds", seconds)
    assert seconds < 30  # under 3 for 600 files when idle
    assert len(dataset.class_names) >= 0.9 * len(SCRIPTS[script].characters)
    images = dataset.inputs.flatten(1)
    assert images.amax(dim=1).min() > 30  # the thinnest lines are a fifth of a pixel wide
    assert load(dataset.name).fingerprint() == dataset.fingerprint()
    # The nearest training image tells most characters of fonts never seen; over several splits,
    # since two brushes or outlines for a test tell little.
    right = [nearest(dataset, seed) for seed in range(4)]
    record_property("nearest", right)
    assert sum(right) / len(right) > 0.4  # chance is 4 % at most


def nearest(dataset: Dataset, seed: int) -> float:
    """The share of test images whose nearest training image is of their class."""
    result = split(dataset, False, seed)
    sides = [
        set(dataset.groups[part].tolist())
        for part in (result.train, result.validation, result.test)
    ]
    assert sum(map(len, sides)) == len(set.union(*sides))
    images = dataset.inputs.flatten(1).float() / 255
    found = torch.cdist(images[result.test], images[result.train]).argmin(dim=1)
    return float((result.train_labels[found] == result.test_labels).float().mean())
