"""Odd inputs: what writes them, and what is expected of each.

Each case writes a small data set and says what comes of it: an error of one line, or what the
loaded data set must hold. docs/images.md lists what each gets.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sweeper.data import Dataset, load
from sweeper.errors import SweeperError

Case = Callable[[Path], str | Path | None]


class Cases(dict[str, tuple[Case, object]]):
    """The cases of a file by name."""

    def __call__(self, name: str, expected: object) -> Callable[[Case], Case]:
        """Register a case: what is expected is a part of the error, or a check of the data set."""

        def register(make: Case) -> Case:
            self[name] = (make, expected)
            return make

        return register

    def check(self, name: str, root: Path) -> None:
        make, expected = self[name]
        path = make(root) or root
        if isinstance(expected, str):
            with pytest.raises(SweeperError) as caught:
                load(str(path))
            assert expected in str(caught.value)
            assert len(str(caught.value).splitlines()) == 1
        else:
            assert callable(expected)
            assert expected(load(str(path)))


def documented() -> list[str]:
    """Return the first column of the table in docs/images.md."""
    page = (Path(__file__).parents[2] / "docs" / "images.md").read_text()
    table = page.partition("## Odd inputs")[2]
    return re.findall(r"^\| (.+?) \|", table, re.MULTILINE)[2:]


def picture(seed: int, size: tuple[int, int] = (40, 40)) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR)


def save(path: Path, image: Image.Image, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def folder(root: Path, classes: str | tuple[str, ...] = "ab", each: int = 4) -> Path:
    for c, name in enumerate(classes):
        for i in range(each):
            save(root / name / f"{i}.png", picture(100 * c + i))
    return root


def table(root: Path, header: str, rows: list[str], encoding: str = "utf-8") -> Path:
    folder(root)
    path = root / "list.csv"
    path.write_bytes("\n".join([header, *rows]).encode(encoding))
    return path


def arrays(root: Path, **content: object) -> Path:
    np.savez(root / "a.npz", **content)
    return root / "a.npz"


IMAGES = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
LABELS = np.arange(8) % 2


def classes(*names: str) -> Callable[[Dataset], bool]:
    return lambda dataset: dataset.class_names == names


def noted(part: str) -> Callable[[Dataset], bool]:
    return lambda dataset: any(part in note for note in dataset.notes)
