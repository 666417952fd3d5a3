"""The contact sheet shows the very pixels that a net is trained on, class by class."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFont

from sweeper.data import Dataset, load
from sweeper.errors import UsageError
from sweeper.report.contact_sheet import COLUMNS, contact_sheet, write_contact_sheet

TEXT = 220


def solid(
    colors: list[tuple[int, int, int]], each: int = 3, names: tuple[str, ...] = ()
) -> Dataset:
    """A class per color, whose images are of that color alone."""
    inputs = torch.tensor(colors, dtype=torch.uint8).repeat_interleave(each, 0)
    inputs = inputs[:, :, None, None].expand(-1, 3, 8, 8).contiguous()
    labels = torch.arange(len(colors)).repeat_interleave(each)
    return Dataset(
        "made", "made", inputs, labels, names or tuple(f"c{i}" for i in range(len(colors)))
    )


def test_each_class_has_a_row_of_its_images():
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    sheet = np.asarray(contact_sheet(solid(colors)))
    height = sheet.shape[0] // 3
    for row, color in enumerate(colors):
        shown = sheet[row * height + 10, TEXT + 10 :: 52][:3]
        assert (shown == color).all()
    assert (sheet[10, TEXT + 3 * 52 + 10] == 255).all()  # no fourth image


def test_pixels_are_enlarged_and_not_smoothed():
    digits = load("digits")
    sheet = np.asarray(contact_sheet(digits))
    first = digits.inputs[(digits.labels == 0).nonzero()[0, 0], 0].numpy()
    shown = sheet[: 8 * 6, TEXT : TEXT + 8 * 6, 0]
    assert np.array_equal(shown[3::6, 3::6], first)
    assert sheet.shape[1] == TEXT + COLUMNS * (8 * 6 + 4)


def test_many_classes_are_counted_and_long_names_cut(tmp_path: Path):
    colors = [(i, i, i) for i in range(90)]
    names = tuple(
        "a very long name of a class that nobody could read in full " + str(i) for i in range(90)
    )
    image = contact_sheet(solid(colors, 1, names))
    assert image.height < 61 * 60


def test_as_html_the_notes_stand_above_the_same_sheet(tmp_path: Path):
    dataset = solid([(1, 2, 3), (4, 5, 6)], names=("<b>", "b\x1b[31m"))
    write_contact_sheet(dataset, tmp_path / "sheet.png")
    write_contact_sheet(dataset, tmp_path / "sheet.html")
    page = (tmp_path / "sheet.html").read_text()
    assert "6 images of 2 classes, 3×8×8" in page
    (source,) = re.findall(r"base64,([^\"]+)\"", page)
    inside = Image.open(io.BytesIO(base64.b64decode(source)))
    assert np.array_equal(np.asarray(inside), np.asarray(Image.open(tmp_path / "sheet.png")))


def test_other_endings_and_embeddings_are_refused(tmp_path: Path):
    with pytest.raises(
        UsageError, match=r"sheet\.pdf: a contact sheet is written as \.png or \.html$"
    ):
        write_contact_sheet(load("digits"), tmp_path / "sheet.pdf")
    with pytest.raises(UsageError, match=r"^wine holds embeddings"):
        write_contact_sheet(load("wine"), tmp_path / "sheet.png")


def test_names_beyond_ascii_are_written_where_a_font_has_them():
    try:
        ImageFont.truetype("DejaVuSans.ttf")
    except OSError:
        pytest.skip("DejaVu is not installed")
    colors = [(0, 0, 0)] * 3
    sheet = np.asarray(contact_sheet(solid(colors, 1, ("É", "Ж", "ß"))))
    height = sheet.shape[0] // 3
    first, second, third = (sheet[row * height : row * height + 24, :14] for row in range(3))
    assert (first != second).any()  # two characters that are missing look the same
    assert (first != third).any()
    assert (second != third).any()
