"""docs/data.md names every data set and every script of ``glyphs``, with what the code says."""

import re
from pathlib import Path

from sweeper.data import names
from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.registry.torchvision_datasets import TORCHVISION_DATASETS

TEXT = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[str]]:
    """The cells of each line of the tables, by the name that the first cell has."""
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", TEXT, re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in lines}


def test_no_data_set_is_missing() -> None:
    of_torchvision = {row.name for row in TORCHVISION_DATASETS}
    assert "torchvision" in TEXT
    assert {item.name for item in names()} - of_torchvision - set(rows()) == set()


def test_sizes_are_those_of_the_list() -> None:
    for item in names():
        if item.images and (cells := rows().get(item.name)):
            size = cells[1]
            if size:
                assert f"{item.images:,}" in size, item.name
                assert f"{item.classes} classes" in size, item.name
                assert item.size in size, item.name


def test_no_script_is_missing() -> None:
    assert list(SCRIPTS) == [name for name in rows() if name in SCRIPTS]
    for name, script in SCRIPTS.items():
        home, classes, packages = rows()[name][:3]
        assert home == script.home
        assert int(classes) == len(script.characters)
        assert packages.replace("`", "") == script.packages
