"""Image files of any size and mode, as one uint8 tensor.

Color: gray when every image is (whatever its file's mode), else RGB. Transparent pixels are put on
white, 16-bit values are scaled to 8 bits, floating-point ones are refused since their range is not
known, and a photo is turned as its EXIF orientation says.

Size: the images' own when they all share one of at most 64 pixels a side; else the largest centered
square of each is resized to 32 × 32, or to the size asked for. Nothing is stretched.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from sweeper.errors import SweeperError

#: The file names that count as images, in lower case.
SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
#: Images that share a size are left as they are up to this side, in pixels.
LARGEST_OWN_SIDE = 64
#: The side of images that do not.
SIDE = 32

#: Files a thread reads at a time: a future for each of a million files would cost gigabytes.
_CHUNK = 64


@dataclass(frozen=True)
class ImageFile:
    """An image that is read when it is needed.

    Attributes:
        name: what an error calls it.
        open: returns it as Pillow has it.
    """

    name: str
    open: Callable[[], Image.Image]


def image_file(path: Path) -> ImageFile:
    """Return the image of a path."""
    return ImageFile(str(path), partial(Image.open, path))


def read_images(
    files: Sequence[ImageFile], size: int | None = None, skip_broken: bool = False
) -> tuple[Tensor, Tensor]:
    """Read image files.

    Args:
        files: at least one.
        size: the side in pixels of all images, or None for the rule above.
        skip_broken: leave out what cannot be read.

    Returns:
        uint8 images ``[n, C, H, W]``, and bool ``[N]``: which of the N files could be read.

    Raises:
        SweeperError: a file cannot be read and was not to be left out, or none can be.
    """
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    # Pillow warns of odd but readable files, and a user can do nothing about it.
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")
        read = pool.map(partial(_read_chunk, size=size, skip_broken=skip_broken), chunks)
        arrays = [array for chunk in read for array in chunk]
    readable = torch.tensor([array is not None for array in arrays])
    kept = [array for array in arrays if array is not None]
    if not kept:
        raise SweeperError(f"none of {len(files)} image files can be read, {files[0].name} first")
    if len({array.shape[:2] for array in kept}) > 1:
        kept = [np.asarray(_fit(Image.fromarray(array), SIDE)) for array in kept]
    if any(array.ndim == 3 for array in kept):
        kept = [array if array.ndim == 3 else np.stack([array] * 3, axis=2) for array in kept]
        return torch.from_numpy(np.stack(kept)).permute(0, 3, 1, 2).contiguous(), readable
    return torch.from_numpy(np.stack(kept))[:, None], readable


def _read_chunk(
    files: Sequence[ImageFile], size: int | None, skip_broken: bool
) -> list[NDArray[np.uint8] | None]:
    arrays: list[NDArray[np.uint8] | None] = []
    for file in files:
        try:
            arrays.append(_read(file, size))
        except MemoryError:
            raise
        except Exception as error:  # a broken file makes Pillow's decoders raise anything
            if not skip_broken:
                why = str(error) or type(error).__name__
                raise SweeperError(
                    f"cannot read the image {file.name} ({why}); "
                    "replace it, or leave such files out with [broken=skip]"
                ) from None
            arrays.append(None)
    return arrays


def _read(file: ImageFile, size: int | None) -> NDArray[np.uint8]:
    """Return ``[H, W]`` if the image is gray, else ``[H, W, 3]``; large ones are resized."""
    with file.open() as image:
        large = max(image.size) > LARGEST_OWN_SIDE
        side = size or SIDE
        if large:
            # Lets the JPEG decoder shrink a photo while it decodes, which is many times faster.
            image.draft(None, (2 * side, 2 * side))
        upright = _eight_bits(ImageOps.exif_transpose(image))
    if large or size:
        upright = _fit(upright, side)
    array = np.asarray(upright)
    if array.ndim == 3 and (array == array[..., :1]).all():
        array = array[..., 0]
    return array


def _fit(image: Image.Image, side: int) -> Image.Image:
    return ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the image in mode L or RGB."""
    if image.mode == "F":
        raise ValueError("floating-point pixels, mode F, of unknown range: 8 or 16 bits are needed")
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.float64)
        return Image.fromarray(np.rint(values.clip(0, 65535) / 257).astype(np.uint8))
    if image.has_transparency_data:
        color = image.convert("RGBA")
        white = Image.new("RGBA", color.size, "white")
        return Image.alpha_composite(white, color).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")
