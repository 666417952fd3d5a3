"""The figures of docs/losses.md are what the code draws, and all of them are shown."""

import re

import pytest

from tools.figures.losses.files import FIGURES as DRAWN
from tools.figures.losses.files import FOLDER, write

FIGURES = FOLDER
TEXT = (FIGURES.parent / "losses.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"\]\(figures/([a-z0-9-]+)\.svg\)", TEXT)
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
# Ids are hashes of what they name, bytes and all.
ID = re.compile(r"\b[mpch][0-9a-f]{10}\b")


@pytest.mark.parametrize("name", SHOWN)
def test_a_figure_is_what_the_script_draws(name, tmp_path):
    committed = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    assert len(committed.encode()) < 60_000
    drawn = write(name, tmp_path).read_text(encoding="utf-8")
    committed, drawn = ID.sub("id", committed), ID.sub("id", drawn)
    assert NUMBER.sub("0", committed) == NUMBER.sub("0", drawn)
    ours, theirs = ([float(n) for n in NUMBER.findall(text)] for text in (committed, drawn))
    assert ours == pytest.approx(theirs, abs=0.05)  # pt; another processor rounds otherwise


def test_every_figure_is_shown():
    assert sorted(SHOWN) == sorted(DRAWN)
    assert sorted(file.stem for file in FIGURES.glob("*.svg")) == sorted(SHOWN)
