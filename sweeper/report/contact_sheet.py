"""A contact sheet: a few images of each class as a net sees them, to look at before training."""

import base64
import html
import io
import math
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from sweeper.data import Dataset
from sweeper.errors import UsageError
from sweeper.files import replace_file

#: Images per class, and classes on a sheet.
COLUMNS, ROWS = 10, 60
#: The least side of an image on the sheet, in pixels: smaller ones are enlarged by whole factors.
_LEAST_SIDE = 48
_GAP, _TEXT_WIDTH, _TEXT_SIZE = 4, 220, 14
_BACKGROUND, _INK = (255, 255, 255), (40, 40, 40)
_ENDINGS = (".png", ".html")
#: Fonts of Linux, macOS and Windows for names that Pillow's own font, nearly ASCII, cannot write.
_FONTS = (
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc"),
    *("Arial Unicode.ttf", "arial.ttf", "msyh.ttc"),
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def write_contact_sheet(dataset: Dataset, path: Path) -> None:
    """Write a sheet of images as PNG or, with the notes on the data set, as HTML.

    Raises:
        UsageError: another ending, or embeddings, which cannot be looked at.
        SweeperError: the file cannot be written.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise UsageError(f"{path}: a contact sheet is written as {' or '.join(_ENDINGS)}")
    if not dataset.is_images:
        raise UsageError(f"{dataset.name} holds embeddings, of which there are no pictures")
    buffer = io.BytesIO()
    contact_sheet(dataset).save(buffer, "PNG")
    png = buffer.getvalue()
    content = png if path.suffix.lower() == ".png" else _page(dataset, png).encode()
    replace_file(path, content)


def contact_sheet(
    dataset: Dataset, most_rows: int = ROWS, largest_side: int | None = None
) -> Image.Image:
    """Return a sheet with a row per class: its name, its size, and images spread over the class.

    Args:
        dataset: of images.
        most_rows: how many classes are shown; the others are counted below.
        largest_side: of an image on the sheet in pixels, to which larger ones are reduced.
    """
    height, width = dataset.inputs.shape[2:]
    factor = math.ceil(_LEAST_SIDE / min(height, width))
    shown = (width * factor, height * factor)
    if largest_side is not None and max(shown) > largest_side:
        width, height = (max(1, side * largest_side // max(shown)) for side in shown)
        shown = (width, height)
    cell = (shown[0] + _GAP, shown[1] + _GAP)
    rows = min(most_rows, dataset.num_classes)
    more = dataset.num_classes - rows
    size = (_TEXT_WIDTH + COLUMNS * cell[0], rows * cell[1] + (2 * _TEXT_SIZE if more else 0))
    sheet = Image.new("RGB", size, _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for row in range(rows):
        members = (dataset.labels == row).nonzero().flatten()
        text = f"{dataset.class_names[row]} ({len(members):,})"
        font = _font_for(text)
        draw.text((_GAP, row * cell[1]), _cut(text, font), _INK, font)
        for column, position in enumerate(_spread(members)):
            image = _picture(dataset.inputs[position], factor)
            if image.size != shown:
                image = image.resize(shown, Image.Resampling.BOX)
            sheet.paste(image, (_TEXT_WIDTH + column * cell[0], row * cell[1]))
    if more:
        text = f"and {more:,} more classes"
        draw.text((_GAP, rows * cell[1] + _GAP), text, _INK, _font_for(text))
    return sheet


def _spread(members: Tensor) -> list[int]:
    """Return up to `COLUMNS` of the positions, evenly spread."""
    steps = torch.linspace(0, len(members) - 1, min(COLUMNS, len(members)))
    return [int(position) for position in members[steps.round().long()]]


def _picture(image: Tensor, factor: int) -> Image.Image:
    """Return an image ``[C, H, W]`` enlarged by a whole factor, every pixel a square."""
    pixels = image.permute(1, 2, 0).numpy()
    enlarged = np.repeat(np.repeat(pixels, factor, axis=0), factor, axis=1)
    return Image.fromarray(enlarged[..., 0] if enlarged.shape[2] == 1 else enlarged).convert("RGB")


def _font_for(text: str) -> Font:
    """Return the first font that has every character of a text, else Pillow's own."""
    own = _own_font()
    if text.isascii() or _has_all(own, text):
        return own
    fonts = (font for name in _FONTS if (font := _installed_font(name)))
    return next((font for font in fonts if _has_all(font, text)), own)


@cache
def _own_font() -> Font:
    return ImageFont.load_default(_TEXT_SIZE)


@cache
def _installed_font(name: str) -> Font | None:
    try:
        return ImageFont.truetype(name, _TEXT_SIZE)
    except OSError:  # it is not installed
        return None


def _has_all(font: Font, text: str) -> bool:
    absent = bytes(font.getmask("\uffff"))  # no character: what is drawn for one that is missing
    return all(bytes(font.getmask(c)) != absent for c in text if c.isprintable())


def _cut(text: str, font: Font) -> str:
    """Return a text that fits beside the images."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    while font.getlength(text) > _TEXT_WIDTH - 2 * _GAP:
        text = text[:-2] + "…"
    return text


def _page(dataset: Dataset, png: bytes) -> str:
    shape = "×".join(map(str, dataset.input_shape))
    lines = [f"{len(dataset):,} images of {dataset.num_classes:,} classes, {shape}", *dataset.notes]
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    name, source = html.escape(dataset.name), base64.b64encode(png).decode()
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
        f"<h1>{name}</h1><ul>{items}</ul>"
        f'<img src="data:image/png;base64,{source}" alt="images of each class"></html>'
    )
