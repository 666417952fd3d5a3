"""Reading image files of any size and mode into one uint8 tensor.

Color: gray if every image is gray (whatever its file's mode), otherwise RGB. `pixels` describes the
handling of transparency, depth, frames and orientation.

Size: if all images share one size of at most 64 pixels per side, it is kept. Otherwise the largest
centered square of each is resized to 32 × 32, or to the requested size. Nothing is stretched.
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
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from sweeper.data.images.notes import image_notes
from sweeper.data.images.pixels import ImageSize, Pixels, depth_of, eight_bits, fit, read_pixels
from sweeper.data.images.transform import ImageTransform
from sweeper.errors import SweeperError

#: Photos from phones, which Pillow reads with a plugin.
_HEIF = frozenset({".heic", ".heif", ".hif"})
#: The extensions of image files, in lower case.
SUFFIXES = _HEIF | {
    *(".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".tga", ".tif", ".tiff", ".webp"),
}
#: Images that share a size are kept as they are up to this side in pixels.
LARGEST_OWN_SIDE = 64
#: The size to which other images are resized.
USUAL = ImageSize(32)

#: Files per task: a future for each of a million files would need gigabytes.
_CHUNK = 64


@dataclass(frozen=True)
class ImageFile:
    """An image that is read on demand.

    Attributes:
        name: its name in error messages.
        open: opens it with Pillow.
    """

    name: str
    open: Callable[[], Image.Image]


def image_file(path: Path) -> ImageFile:
    """Return the image file at a path."""
    heif = path.suffix.lower() in _HEIF
    return ImageFile(str(path), partial(_open_heif if heif else _open, path))


def _open(path: Path) -> Image.Image:
    if path.exists() and not path.is_file():  # reading from a pipe would never end
        raise OSError("not a regular file")
    return Image.open(path)


def _open_heif(path: Path) -> Image.Image:
    from pillow_heif import register_heif_opener  # slow to import, and rarely needed

    register_heif_opener()
    return _open(path)


class ReadImages(NamedTuple):
    """Images in memory.

    Attributes:
        images: uint8 ``[n, C, H, W]``.
        readable: a bool mask ``[N]`` of the N files that could be read.
        notes: what changed in the images, one sentence each.
        transform: how further files are read alike, with `read_alike`.
    """

    images: Tensor
    readable: Tensor
    notes: tuple[str, ...]
    transform: ImageTransform


def read_images(
    files: Sequence[ImageFile], size: ImageSize | None = None, skip_broken: bool = False
) -> ReadImages:
    """Read image files.

    16-bit files are scaled by the depth that the data set really uses: if its largest value is
    below 4,096, it has 12 bits.

    Args:
        files: at least one.
        size: the size of all images, or None for the rule above.
        skip_broken: whether to ignore unreadable files.

    Raises:
        SweeperError: a file cannot be read and `skip_broken` is False, or no file can be read, or
            this machine has too little memory for all of them.
    """
    _require_memory(len(files), (size or USUAL).side)
    every = _read_all(files, size, skip_broken)
    readable = torch.tensor([pixels is not None for pixels in every])
    kept = [pixels for pixels in every if pixels is not None]
    if not kept:
        raise SweeperError(f"none of {len(files)} image files can be read, such as {files[0].name}")
    depth = depth_of(max(pixels.largest for pixels in kept))
    arrays = _scaled(kept, depth)
    if len({array.shape[:2] for array in arrays}) > 1:
        arrays = [np.asarray(fit(Image.fromarray(array), USUAL)) for array in arrays]
    height, width = arrays[0].shape[:2]
    channels = 3 if any(array.ndim == 3 for array in arrays) else 1
    names = [file.name for file in files]
    notes = image_notes(names, every, (height, width), channels, depth)
    asked = {} if size is None else size._asdict()
    transform = ImageTransform(width, height, channels, depth=depth, **asked)
    return ReadImages(_stacked(arrays, channels), readable, notes, transform)


def read_alike(files: Sequence[ImageFile], transform: ImageTransform) -> Tensor:
    """Read image files as those of a data set were, uint8 ``[n, C, H, W]``.

    Args:
        files: at least one.
        transform: of the data set.

    Raises:
        SweeperError: a file cannot be read, or has another size where all had one and kept it.
    """
    kept = [pixels for pixels in _read_all(files, transform.size, False) if pixels is not None]
    shape = transform.height, transform.width
    arrays = []
    for file, array in zip(files, _scaled(kept, transform.depth), strict=True):
        if array.shape[:2] != shape and shape != (USUAL.side, USUAL.side):
            height, width = array.shape[:2]
            raise SweeperError(
                f"{file.name} was read with {width}×{height} pixels, and {transform.width}×"
                f"{transform.height} are needed; bring it to that size"
            )
        image = Image.fromarray(array)
        if array.shape[:2] != shape:
            image = fit(image, USUAL)
        arrays.append(np.asarray(image.convert("L") if transform.channels == 1 else image))
    return _stacked(arrays, transform.channels)


def _read_all(
    files: Sequence[ImageFile], size: ImageSize | None, skip_broken: bool
) -> list[Pixels | None]:
    """Read files in threads; None stands for one that was skipped."""
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    # Pillow warns about unusual but readable files, which users cannot change.
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")
        read = pool.map(partial(_read_chunk, size=size, skip_broken=skip_broken), chunks)
        return [pixels for chunk in read for pixels in chunk]


def _scaled(every: Sequence[Pixels], depth: int) -> list[NDArray[np.uint8]]:
    """Return the values of all images in 8 bits."""
    return [
        eight_bits(pixels.values, depth) if pixels.values.dtype == np.float32 else pixels.values
        for pixels in every
    ]


def _stacked(arrays: Sequence[NDArray[np.uint8]], channels: int) -> Tensor:
    """Stack gray images ``[H, W]`` and color ones ``[H, W, 3]``."""
    if channels == 1:
        return torch.from_numpy(np.stack(arrays))[:, None]
    colored = [array if array.ndim == 3 else np.stack([array] * 3, axis=2) for array in arrays]
    return torch.from_numpy(np.stack(colored)).permute(0, 3, 1, 2).contiguous()


def _require_memory(count: int, side: int) -> None:
    """Raise a SweeperError if the color images would need more than half of the memory."""
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
        except Exception as error:  # broken files make Pillow's decoders raise anything
            if not skip_broken:
                reason = str(error) or type(error).__name__
                raise SweeperError(
                    f"cannot read the image {file.name} ({reason}); "
                    "replace it, or skip such files with [broken=skip]"
                ) from None
            read.append(None)
    return read
