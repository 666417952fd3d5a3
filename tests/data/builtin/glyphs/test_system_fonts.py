"""``glyphs`` in the fonts of the machine."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from sweeper.data import Dataset, load, names, split
from sweeper.data.builtin.glyphs import fonts
from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.errors import SweeperError
from sweeper.registry.dataset_info import DatasetInfo
from tests.support.fonts import build, shapes, spec


def test_by_default_the_systems_fonts_are_used(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent))
    monkeypatch.setenv("HOME", str(folder.parent / "nowhere"))
    assert fonts.system_folders()[2] == folder
    system = fonts.system_folders
    monkeypatch.setattr("sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: system()[2:])
    dataset = load("glyphs")
    assert dataset.name == "glyphs"
    assert dataset.fingerprint() == load(spec(folder)).fingerprint()


def test_the_systems_fonts_are_used_only_for_their_home(folder: Path, monkeypatch) -> None:
    """Those of a given folder are used for all scripts they have."""
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
    with pytest.raises(SweeperError, match=r"this machine has 0 families of Katakana fonts, but"):
        load("glyphs[script=katakana]")


def item() -> DatasetInfo:
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
            "but 5 are needed; add fonts to it"
        )
    monkeypatch.setattr(
        "sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: [tmp_path / "empty"]
    )
    with pytest.raises(SweeperError, match=r"^glyphs: this machine has 0 .*Thai.*fonts-thai-tlwg"):
        load("glyphs[script=thai]")
    assert not item().is_here()
    monkeypatch.setattr("sweeper.data.builtin.glyphs.glyphs.system_folders", lambda: [folder])
    assert item().is_here()


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
    # The nearest training image identifies most characters in unseen fonts. Averaged over splits,
    # since two fonts for a test say little.
    right = [nearest(dataset, seed) for seed in range(4)]
    record_property("nearest", right)
    assert sum(right) / len(right) > 0.4  # chance is 4 % at most


def nearest(dataset: Dataset, seed: int) -> float:
    """Return the fraction of test images whose nearest training image is of their class."""
    result = split(dataset, False, seed)
    sides = [
        set(dataset.groups[part].tolist())
        for part in (result.train, result.validation, result.test)
    ]
    assert sum(map(len, sides)) == len(set.union(*sides))
    images = dataset.inputs.flatten(1).float() / 255
    found = torch.cdist(images[result.test], images[result.train]).argmin(dim=1)
    return float((result.train_labels[found] == result.test_labels).float().mean())
