"""The pixels of one image file as 8 or 16 bits per channel, whatever its mode, depth or frames."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

#: Frames that are looked at for one that shows something.
_MOST_FRAMES = 50

#: The depths that files of 16 bits are known to hold: what cameras and scanners deliver.
_DEPTHS = (8, 10, 12)


class ImageSize(NamedTuple):
    """The size that images are brought to.

    Attributes:
        side: of a square, in pixels.
        share: of the side of each image's largest centered square, what is kept.
    """

    side: int
    share: float = 1.0


class Pixels(NamedTuple):
    """One image as it was read.

    Attributes:
        values: ``[H, W]`` if the image is gray, else ``[H, W, 3]``; uint8, or float32 up to 65,535
            where the file has 16 bits.
        largest: the largest value in a file of 16 bits; 0 for 8 bits.
        size: width and height in the file, upright.
        frames: how many frames or pages the file has.
    """

    values: NDArray[Any]
    largest: int
    size: tuple[int, int]
    frames: int


def read_pixels(image: Image.Image, large: int, size: ImageSize, resize: bool) -> Pixels:
    """Read an open image.

    Transparent pixels are put on white, and on black where nothing would be seen on white: shapes
    in white. Of several frames the first counts that is not of a single color. A photo is turned
    as its EXIF orientation says.

    Args:
        image: as Pillow opens it.
        large: images with a side beyond this are resized.
        size: to this size.
        resize: resizes any image.

    Raises:
        ValueError: pixels of unknown range: floating-point, signed, or beyond 16 bits.
    """
    if resized := max(image.size) > large or resize:
        # Lets the JPEG decoder shrink a photo while it decodes, which is many times faster.
        image.draft(None, (2 * size.side, 2 * size.side))
    frames = int(getattr(image, "n_frames", 1))
    own_size = _upright_size(image)
    shown = _converted(image)
    for frame in range(1, min(frames, _MOST_FRAMES)):
        if not _is_single_color(np.asarray(shown)):
            break
        image.seek(frame)
        shown = _converted(image)
    largest = int(np.asarray(shown).max()) if shown.mode == "F" else 0
    if resized:
        shown = fit(shown, size)
    values = np.asarray(shown)
    if values.ndim == 3 and (values == values[..., :1]).all():
        values = values[..., 0]
    return Pixels(values, largest, own_size, frames)


def fit(image: Image.Image, size: ImageSize) -> Image.Image:
    """Return the centered square of an image, resized."""
    border = (1 - size.share) / 2
    return ImageOps.fit(image, (size.side, size.side), Image.Resampling.BICUBIC, border)


def depth_of(largest: int) -> int:
    """Return the bits that files of 16 bits really hold, from the largest value among them all."""
    return next((depth for depth in _DEPTHS if largest < 2**depth), 16)


def eight_bits(values: NDArray[np.float32], depth: int) -> NDArray[np.uint8]:
    """Return values of a depth, from 0 to 2^depth - 1, as 0 to 255."""
    top = 2**depth - 1
    scaled: NDArray[np.uint8] = np.rint(values.clip(0, top) * (255 / top)).astype(np.uint8)
    return scaled


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    turned = image.getexif().get(0x0112, 1) >= 5
    return (height, width) if turned else (width, height)


def _converted(image: Image.Image) -> Image.Image:
    """Return a frame upright, in mode L or RGB, or F where it has 16 bits."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "F":
        raise ValueError("floating-point pixels, mode F, of unknown range: 8 or 16 bits are needed")
    if upright.mode.startswith("I"):
        values = np.asarray(upright).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError(
                f"pixels from {values.min():,} to {values.max():,}, of unknown range: 8 bits, or "
                "16 bits from 0, are needed"
            )
        return Image.fromarray(values.astype(np.float32))
    if upright.has_transparency_data:
        return _on_background(upright.convert("RGBA"))
    return upright.convert("L" if upright.mode in ("1", "L") else "RGB")


def _on_background(image: Image.Image) -> Image.Image:
    """Put an RGBA image on white, or on black where white would hide it."""
    alpha = np.asarray(image)[..., 3]
    for background in ("white", "black"):
        plain = Image.new("RGBA", image.size, background)
        shown = Image.alpha_composite(plain, image).convert("RGB")
        if not _is_single_color(np.asarray(shown)) or alpha.max() == alpha.min():
            break
    return shown


def _is_single_color(values: NDArray[np.generic]) -> bool:
    return bool((values == values[:1, :1]).all())
