"""Image files of any size and mode, as one uint8 tensor.

Color: gray when every image is (whatever its file's mode), else RGB. What becomes of transparency,
depth, frames and orientation stands in `pixels`.

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
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sweeper.data.images.notes import image_notes
from sweeper.data.images.pixels import ImageSize, Pixels, depth_of, eight_bits, fit, read_pixels
from sweeper.errors import SweeperError

#: Photos of phones, which Pillow reads by a plugin.
_HEIF = frozenset({".heic", ".heif", ".hif"})
#: The file names that count as images, in lower case.
SUFFIXES = _HEIF | {
    *(".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".tga", ".tif", ".tiff", ".webp"),
}
#: Images that share a size are left as they are up to this side, in pixels.
LARGEST_OWN_SIDE = 64
#: The size of images that do not.
USUAL = ImageSize(32)

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
    heif = path.suffix.lower() in _HEIF
    return ImageFile(str(path), partial(_open_heif if heif else Image.open, path))


def _open_heif(path: Path) -> Image.Image:
    from pillow_heif import register_heif_opener  # heavy, and seldom needed

    register_heif_opener()
    return Image.open(path)


class ReadImages(NamedTuple):
    """Images in memory.

    Attributes:
        images: uint8 ``[n, C, H, W]``.
        readable: bool ``[N]``: which of the N files could be read.
        notes: what was done to them that their owner should know, one sentence each.
    """

    images: Tensor
    readable: Tensor
    notes: tuple[str, ...]


def read_images(
    files: Sequence[ImageFile], size: ImageSize | None = None, skip_broken: bool = False
) -> ReadImages:
    """Read image files.

    Files of 16 bits are scaled by the depth that they hold together: a data set whose largest value
    is below 4,096 has 12 bits.

    Args:
        files: at least one.
        size: of all images, or None for the rule above.
        skip_broken: leave out what cannot be read.

    Raises:
        SweeperError: a file cannot be read and was not to be left out, or none can be; or this
            machine has too little memory for all of them.
    """
    _require_memory(len(files), (size or USUAL).side)
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    # Pillow warns of odd but readable files, and a user can do nothing about it.
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")
        read = pool.map(partial(_read_chunk, size=size, skip_broken=skip_broken), chunks)
        every = [pixels for chunk in read for pixels in chunk]
    readable = torch.tensor([pixels is not None for pixels in every])
    kept = [pixels for pixels in every if pixels is not None]
    if not kept:
        raise SweeperError(f"none of {len(files)} image files can be read, {files[0].name} first")
    depth = depth_of(max(pixels.largest for pixels in kept))
    arrays = [
        eight_bits(pixels.values, depth) if pixels.values.dtype == np.float32 else pixels.values
        for pixels in kept
    ]
    if len({array.shape[:2] for array in arrays}) > 1:
        arrays = [np.asarray(fit(Image.fromarray(array), USUAL)) for array in arrays]
    notes = image_notes(kept, arrays[0].shape[:2], depth)
    if any(array.ndim == 3 for array in arrays):
        arrays = [array if array.ndim == 3 else np.stack([array] * 3, axis=2) for array in arrays]
        images = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()
    else:
        images = torch.from_numpy(np.stack(arrays))[:, None]
    return ReadImages(images, readable, notes)


def _require_memory(count: int, side: int) -> None:
    """Raise a SweeperError if so many color images would not leave half of the memory free."""
    needed, memory = (
        count * side * side * 3,
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    )
    if needed > memory / 2:
        raise SweeperError(
            f"{count:,} images of {side}×{side} pixels take {needed / 1e9:.0f} GB, and this "
            f"machine has {memory / 1e9:.0f}; take fewer with [per_class=N] or smaller ones "
            "with [size=N]"
        )


def _read_chunk(
    files: Sequence[ImageFile], size: ImageSize | None, skip_broken: bool
) -> list[Pixels | None]:
    read: list[Pixels | None] = []
    for file in files:
        try:
            with file.open() as image:
                read.append(read_pixels(image, LARGEST_OWN_SIDE, size or USUAL, size is not None))
        except MemoryError:
            raise
        except Exception as error:  # a broken file makes Pillow's decoders raise anything
            if not skip_broken:
                why = str(error) or type(error).__name__
                raise SweeperError(
                    f"cannot read the image {file.name} ({why}); "
                    "replace it, or leave such files out with [broken=skip]"
                ) from None
            read.append(None)
    return read
