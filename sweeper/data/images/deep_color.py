"""Color files of 16 bits per channel, of which Pillow reads the upper 8 bits alone."""

import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

_ORIENTATION = 0x0112


def is_deep_color(image: Image.Image) -> bool:
    """Return whether an open file, not yet decoded, has more bits per color than Pillow reads."""
    if image.mode.startswith("I"):  # gray, which comes whole
        return False
    tiles: list[Any] = getattr(image, "tile", [])
    return any(re.search(r";16[BLN]", str(tile[3])) for tile in tiles)


def deep_channels(image: Image.Image) -> list[Image.Image]:
    """Return the three channels of a deep color file, upright and in mode F, with all of 16 bits.

    Args:
        image: opened by Pillow, and not yet decoded.

    Returns:
        None of them where the file is no PNG, or has transparency or several frames.

    Raises:
        OSError: the file is broken.
    """
    animated = getattr(image, "n_frames", 1) > 1
    if image.format != "PNG" or image.mode != "RGB" or image.has_transparency_data or animated:
        return []
    from torchvision.io import ImageReadMode, decode_image  # slow to import, and rarely needed

    file: Any = image.fp  # type: ignore[attr-defined]
    place = file.tell()
    file.seek(0)
    content = bytearray(file.read())
    file.seek(place)
    image.load()  # of a broken file, Pillow says what is wrong in a line
    pixels = decode_image(torch.frombuffer(content, dtype=torch.uint8), ImageReadMode.UNCHANGED)
    values: NDArray[np.float32] = pixels.to(torch.float32).numpy()
    channels = [Image.fromarray(channel) for channel in values]
    for channel in channels:
        channel.getexif()[_ORIENTATION] = image.getexif().get(_ORIENTATION, 1)
    return [ImageOps.exif_transpose(channel) for channel in channels]
