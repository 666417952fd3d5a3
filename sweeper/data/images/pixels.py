"""Reading the pixels of an image file of any mode, depth or number of frames."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from sweeper.data.images.deep_color import deep_channels, is_deep_color

#: Maximum number of frames searched for one with content.
MOST_FRAMES = 50

#: The depths that 16-bit files from cameras and scanners commonly have.
_DEPTHS = (8, 10, 12)


class ImageSize(NamedTuple):
    """The size to which images are resized.

    Attributes:
        side: side of the square in pixels.
        share: fraction of the side of each image's largest centered square that is kept.
    """

    side: int
    share: float = 1.0


class Pixels(NamedTuple):
    """An image as read from its file.

    Attributes:
        values: ``[H, W]`` for a gray image, otherwise ``[H, W, 3]``; uint8, or float32 up to 65,535
            for a 16-bit file.
        largest: the largest value in a 16-bit file; 0 for 8 bits.
        size: width and height in the file, upright.
        frames: number of frames or pages.
        cut: whether it has 16 bits per color, of which only the upper 8 were read.
        background: ``white`` or ``black``, where transparent pixels were put on it.
    """

    values: NDArray[Any]
    largest: int
    size: tuple[int, int]
    frames: int
    cut: bool = False
    background: str = ""


def read_pixels(image: Image.Image, large: int, size: ImageSize, resize: bool) -> Pixels:
    """Read an open image.

    Transparent pixels become white, or black if nothing would be visible on white, as for white
    shapes. Of several frames, the first that is not of a single color is used. Photos are rotated
    by their EXIF orientation.

    Args:
        image: opened by Pillow.
        large: images with a longer side than this are resized.
        size: the size to resize to.
        resize: whether to resize all images.

    Raises:
        ValueError: the range of the pixels is unknown: they are floating-point, signed, or exceed
            16 bits.
    """
    deep = is_deep_color(image)  # before anything decodes it
    resized = max(image.size) > large or resize
    if deep and (channels := deep_channels(image)):
        width, height = channels[0].size
        largest = max(int(np.asarray(channel).max()) for channel in channels)
        if resized:
            channels = [fit(channel, size) for channel in channels]
        values = np.stack([np.asarray(channel) for channel in channels], axis=2)
        return Pixels(_without_equal_channels(values), largest, (width, height), 1)
    upright_size = _upright_size(image)  # before the decoder shrinks it
    if resized:
        # Lets the JPEG decoder shrink a photo while decoding, which is many times faster.
        image.draft(None, (2 * size.side, 2 * size.side))
    frames = int(getattr(image, "n_frames", 1))
    shown, background = _converted(image)
    for frame in range(1, min(frames, MOST_FRAMES)):
        if not _is_single_color(np.asarray(shown)):
            break
        image.seek(frame)
        shown, background = _converted(image)
    largest = int(np.asarray(shown).max()) if shown.mode == "F" else 0
    if resized:
        shown = fit(shown, size)
    values = _without_equal_channels(np.asarray(shown))
    return Pixels(values, largest, upright_size, frames, deep, background)


def _without_equal_channels(values: NDArray[Any]) -> NDArray[Any]:
    """Return ``[H, W]`` of an image that is gray in truth."""
    gray = values.ndim == 3 and (values == values[..., :1]).all()
    return values[..., 0] if gray else values


def fit(image: Image.Image, size: ImageSize) -> Image.Image:
    """Return the resized centered square of an image."""
    border = (1 - size.share) / 2
    return ImageOps.fit(image, (size.side, size.side), Image.Resampling.BICUBIC, border)


def depth_of(largest: int) -> int:
    """Return the number of bits that 16-bit files really use, given their largest value."""
    return next((depth for depth in _DEPTHS if largest < 2**depth), 16)


def eight_bits(values: NDArray[np.float32], depth: int) -> NDArray[np.uint8]:
    """Scale values of a depth, from 0 to 2^depth - 1, to 0 to 255."""
    top = 2**depth - 1
    scaled: NDArray[np.uint8] = np.rint(values.clip(0, top) * (255 / top)).astype(np.uint8)
    return scaled


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    turned = image.getexif().get(0x0112, 1) >= 5
    return (height, width) if turned else (width, height)


def _converted(image: Image.Image) -> tuple[Image.Image, str]:
    """Return a frame upright, in mode L or RGB, or F for 16 bits, and the background it got."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "F":
        raise ValueError(
            "floating-point pixels, mode F, have an unknown range; 8 or 16 bits are needed"
        )
    if upright.mode.startswith("I"):
        values = np.asarray(upright).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError(
                f"pixels from {values.min():,} to {values.max():,}, of unknown range: 8 bits, or "
                "16 bits from 0, are needed"
            )
        return Image.fromarray(values.astype(np.float32)), ""
    if upright.has_transparency_data:
        return _on_background(upright.convert("RGBA"))
    return upright.convert("L" if upright.mode in ("1", "L") else "RGB"), ""


def _on_background(image: Image.Image) -> tuple[Image.Image, str]:
    """Put an RGBA image on white, or on black if white would hide it; nothing if it is opaque."""
    alpha = np.asarray(image)[..., 3]
    if alpha.min() == 255:
        return image.convert("RGB"), ""
    for background in ("white", "black"):
        plain = Image.new("RGBA", image.size, background)
        shown = Image.alpha_composite(plain, image).convert("RGB")
        if not _is_single_color(np.asarray(shown)) or alpha.max() == alpha.min():
            break
    return shown, background


def _is_single_color(values: NDArray[np.generic]) -> bool:
    return bool((values == values[:1, :1]).all())
