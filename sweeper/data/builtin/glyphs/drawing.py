"""Draws the characters of a font: as pictures cut to their ink, then as images of one size."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sweeper.data.builtin.glyphs.fonts import Face

#: The share of the side that characters fill, as in MNIST.
_FILLED = 20 / 28
#: Characters are drawn at this size in pixels and then reduced; larger for larger images.
_DRAWN = 96
#: The share of a font's characters that fit at the font's scale.
_FITTING = 0.9
#: A glyph this many times larger than the font's size is damage, and could fill the memory.
_LARGEST = 16
#: A code point that is no character, for which a font draws its box for a missing one.
_NO_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, eq=False)
class GlyphPicture:
    """A character in white on black, without the space around it.

    Attributes:
        image: gray.
        key: the same for the same picture of the same size, and for no other.
    """

    image: Image.Image
    key: bytes


def draw(face: Face, side: int) -> dict[str, GlyphPicture]:
    """Draw the characters that a font claims to have, large enough for images of a side.

    Those are left out that it leaves blank, draws as the box for a missing character, or draws
    exactly as another one, as fonts of capitals alone do with small letters.

    Raises:
        Exception: of any kind, the font is broken.
    """
    # Without the optional library for complex scripts, so that every machine draws the same.
    font = ImageFont.truetype(
        str(face.path), max(_DRAWN, side), face.index, layout_engine=ImageFont.Layout.BASIC
    )
    pictures = {}
    for character in (_NO_CHARACTER, *sorted(face.characters)):
        if picture := _picture(font, character):
            pictures[character] = picture
    alike = Counter(picture.key for picture in pictures.values())
    pictures.pop(_NO_CHARACTER, None)
    return {c: picture for c, picture in pictures.items() if alike[picture.key] == 1}


def fit(pictures: dict[str, GlyphPicture], side: int) -> dict[str, NDArray[np.uint8]]:
    """Bring a font's pictures to one scale, each centered in an image ``[side, side]``.

    At that scale nine in ten of them fit a box of 20/28 of the side; the others are shrunk.
    """
    box = max(1, round(_FILLED * side))
    reach = [max(picture.image.size) for picture in pictures.values()]
    scale = box / float(np.quantile(reach, _FITTING))
    return {
        character: _center(picture.image, min(scale, box / max(picture.image.size)), side)
        for character, picture in pictures.items()
    }


def _picture(font: ImageFont.FreeTypeFont, character: str) -> GlyphPicture | None:
    left, top, right, bottom = map(round, font.getbbox(character))
    width, height = right - left, bottom - top
    if min(width, height) <= 0 or max(width, height) > _LARGEST * font.size:
        return None
    canvas = Image.new("L", (width, height))
    ImageDraw.Draw(canvas).text((-left, -top), character, fill=255, font=font)
    inked = canvas.getbbox()
    if inked is None:
        return None
    image = canvas.crop(inked)
    key = hashlib.sha256(f"{image.size};".encode() + image.tobytes()).digest()
    return GlyphPicture(image, key)


def _center(picture: Image.Image, scale: float, side: int) -> NDArray[np.uint8]:
    width, height = (max(1, round(scale * length)) for length in picture.size)
    image = Image.new("L", (side, side))
    small = picture.resize((width, height), Image.Resampling.HAMMING)
    image.paste(small, ((side - width) // 2, (side - height) // 2))
    return np.asarray(image)
