from pathlib import Path

import pytest

from tests.support.fonts import LATIN, build, shapes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of six complete Latin fonts, each of its own family."""
    for number in range(6):
        build(tmp_path / "fonts" / f"{number}.ttf", f"Font {number}", shapes(LATIN, number))
    return tmp_path / "fonts"
