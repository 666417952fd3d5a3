"""Rendering the characters of a font: cropped pictures, then images of one size."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sweeper.data.builtin.glyphs.fonts import Face

#: The fraction of the side that characters fill, as in MNIST.
_FILL = 20 / 28
#: Characters are rendered at this size in pixels, or larger for larger images, then reduced.
_RENDER_SIZE = 96
#: The fraction of a font's characters that fit at the font's scale.
_FITTING = 0.9
#: A glyph more than this many times the font size is corrupt and could fill the memory.
_MAX_RATIO = 16
#: A code point that is not a character, rendered as the box for missing characters.
_NO_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, eq=False)
class GlyphPicture:
    """A character in white on black, cropped to its bounding box.

    Attributes:
        image: gray.
        key: digest of size and pixels.
    """

    image: Image.Image
    key: bytes


def draw(face: Face, side: int) -> dict[str, GlyphPicture]:
    """Render the characters that a font claims to have, large enough for images of a side.

    Skips characters that are blank, rendered as the box for missing characters, or identical to
    another one, such as lower case letters in fonts with only capitals.

    Raises:
        Exception: of any kind, if the font is broken.
    """
    # Without the optional library for complex scripts, so that all machines render the same.
    font = ImageFont.truetype(
        str(face.path), max(_RENDER_SIZE, side), face.index, layout_engine=ImageFont.Layout.BASIC
    )
    pictures = {}
    for character in (_NO_CHARACTER, *sorted(face.characters)):
        if picture := _picture(font, character):
            pictures[character] = picture
    times = Counter(picture.key for picture in pictures.values())
    pictures.pop(_NO_CHARACTER, None)
    return {c: picture for c, picture in pictures.items() if times[picture.key] == 1}


def fit(pictures: dict[str, GlyphPicture], side: int) -> dict[str, NDArray[np.uint8]]:
    """Scale a font's pictures equally and center each in an image ``[side, side]``.

    At that scale nine of ten fit a box of 20/28 of the side; the others are shrunk further.
    """
    box = max(1, round(_FILL * side))
    extents = [max(picture.image.size) for picture in pictures.values()]
    scale = box / float(np.quantile(extents, _FITTING))
    return {
        character: _center(picture.image, min(scale, box / max(picture.image.size)), side)
        for character, picture in pictures.items()
    }


def _picture(font: ImageFont.FreeTypeFont, character: str) -> GlyphPicture | None:
    left, top, right, bottom = map(round, font.getbbox(character))
    width, height = right - left, bottom - top
    if min(width, height) <= 0 or max(width, height) > _MAX_RATIO * font.size:
        return None
    canvas = Image.new("L", (width, height))
    ImageDraw.Draw(canvas).text((-left, -top), character, fill=255, font=font)
    bounding_box = canvas.getbbox()
    if bounding_box is None:
        return None
    image = canvas.crop(bounding_box)
    key = hashlib.sha256(f"{image.size};".encode() + image.tobytes()).digest()
    return GlyphPicture(image, key)


def _center(picture: Image.Image, scale: float, side: int) -> NDArray[np.uint8]:
    width, height = (max(1, round(scale * length)) for length in picture.size)
    image = Image.new("L", (side, side))
    small = picture.resize((width, height), Image.Resampling.HAMMING)
    image.paste(small, ((side - width) // 2, (side - height) // 2))
    return np.asarray(image)
