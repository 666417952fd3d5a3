"""``glyphs`` in fonts that are built here."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sweeper.data import describe, load, split
from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.errors import SweeperError, UsageError
from tests.support.fonts import LATIN, build, shapes, spec


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


def test_images_show_the_outlines(tmp_path: Path) -> None:
    """A bar of 700 × 140 units in a box of 20 pixels, computed by hand."""
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


def test_a_rare_character_is_not_a_class(folder: Path) -> None:
    for number in (0, 1):
        build(folder / f"{number}.ttf", f"Font {number}", shapes(LATIN[:-1], number))
    assert load(spec(folder)).class_names == tuple(LATIN[:-1])


def test_the_name_loads_from_any_folder(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder.parent)
    dataset = load("glyphs[ fonts = ./fonts/../fonts, script=latin, classes=A+B]")
    assert dataset.name == f"glyphs[classes=A+B, fonts={folder}]"
    monkeypatch.chdir("/")
    assert load(dataset.name).fingerprint() == dataset.fingerprint()
    monkeypatch.setenv("HOME", str(folder.parent))
    assert load("glyphs[fonts=~/fonts]").name == f"glyphs[fonts={folder}]"


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
