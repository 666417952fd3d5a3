"""Which fonts ``glyphs`` takes, and what it takes of each."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from fontTools.ttLib import TTCollection, TTFont

from sweeper.data import load
from tests.support.fonts import LATIN, THAI, build, shapes, shown, spec


def test_styles_of_a_family_are_one_group(folder: Path) -> None:
    build(folder / "bold.ttf", "Font 0", shapes(LATIN, 10), style="Bold")
    build(folder / "thin.ttf", "Font 0 Thin", shapes(LATIN, 11), typographic="Font 0")
    dataset = load(spec(folder))
    assert dataset.group_names == tuple(f"Font {number}" for number in range(6))
    assert dataset.groups.bincount().tolist() == [3 * 52] + [52] * 5
    assert dataset.remark == "drawn in 8 fonts of 6 families"


def test_a_copy_is_used_once(folder: Path) -> None:
    before = load(spec(folder))
    shutil.copy(folder / "0.ttf", folder / "copy.ttf")
    (folder / "deeper").mkdir()
    shutil.copy(folder / "1.ttf", folder / "deeper" / "1.TTF")
    after = load(spec(folder))
    assert after.fingerprint() == before.fingerprint()
    assert torch.equal(after.inputs, before.inputs)


def test_families_with_shared_images_are_one_group(folder: Path) -> None:
    """Like Noto fonts for other scripts, which all have the Latin letters of Noto Sans."""
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


def test_missing_characters_are_skipped(folder: Path) -> None:
    build(folder / "a.ttf", "Without xyz", shapes(LATIN[:-3], 20))
    build(folder / "b.ttf", "Boxes", shapes(LATIN[:40], 21), missing=LATIN[40:])
    drawn = shapes(LATIN, 22)
    build(folder / "c.ttf", "Blanks", drawn | {c: [] for c in "ABC"})
    dataset = load(spec(folder))
    assert shown(dataset, "Without xyz") == LATIN[:-3]
    assert shown(dataset, "Boxes") == LATIN[:40]
    assert shown(dataset, "Blanks") == LATIN[3:]


def test_capitals_in_place_of_small_letters_are_skipped(folder: Path) -> None:
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
def test_a_useless_font_is_skipped(folder: Path, drawn, missing) -> None:
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
    # One with intact tables but overwritten outlines.
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
    """Fonts with random bytes overwritten: FreeType may render anything, but nothing is raised."""
    whole = build(folder / "x.ttf", "Broken", shapes(LATIN, 40)).read_bytes()
    generator = np.random.default_rng(0)
    for number in range(60):
        content = np.frombuffer(whole, np.uint8).copy()
        spots = generator.integers(12, len(content), generator.integers(1, 30))
        content[spots] = generator.integers(0, 256, len(spots))
        (folder / f"x{number}.ttf").write_bytes(content.tobytes())
    dataset = load(spec(folder))
    assert {f"Font {number}" for number in range(6)} <= set(dataset.group_names)


def test_each_font_of_a_collection_is_used(tmp_path: Path) -> None:
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
    # A change that no pixel reflects.
    font = TTFont(folder / "3.ttf")
    font["head"].fontRevision = 7.0
    font.save(folder / "3.ttf")
    font.close()
    changed = load(spec(folder))
    assert torch.equal(changed.inputs, before.inputs)
    assert changed.fingerprint() != before.fingerprint()
    build(elsewhere / "a.ttf", "Font 5 renamed", shapes(LATIN, 5))
    assert load(spec(elsewhere.parent)).fingerprint() != before.fingerprint()
