"""Image files: their kind and size by their headers, before any is decoded."""

import warnings
from pathlib import Path

from PIL import Image

from sweeper.data.images.files import image_file
from sweeper.data.images.pixels import MOST_FRAMES
from sweeper.data.readers.folder_entries import is_image
from sweeper.errors import SweeperError
from sweeper.serve.uploads import limits

#: What is decoded, by what Pillow calls it. It knows more: some call other programs.
_KINDS = frozenset(
    {
        *("AVIF", "BMP", "DIB", "GIF", "HEIF", "JPEG", "JPEG2000", "MPO", "PCX", "PNG", "PPM"),
        *("QOI", "TGA", "TIFF", "WEBP"),
    }
)

#: Kinds whose pages may differ in size.
_PAGED = ("MPO", "TIFF")


def require_moderate(folder: Path) -> None:
    """Refuse a folder with an image that is too large, or whose content is no usual image.

    Files that cannot be read are left to the reader, which says why.

    Raises:
        SweeperError: there is one.
    """
    for path in sorted(folder.rglob("*")):
        if not is_image(path.name) or not path.is_file():
            continue
        found = _header(path)
        if found is None:
            continue
        kind, width, height = found
        if kind not in _KINDS:
            raise SweeperError(f"{path} is {kind} by its content; save it as PNG or JPEG")
        if width * height > limits.MOST_PIXELS:
            raise SweeperError(
                f"{path} has {width:,}×{height:,} pixels, and {limits.MOST_PIXELS:,} are taken; "
                "make it smaller"
            )


def _header(path: Path) -> tuple[str, int, int] | None:
    """Return the kind, the width and the height; None if nothing can be read."""
    with warnings.catch_warnings():
        # Pillow's own warning of large images, and of what else is unusual in a file.
        warnings.simplefilter("ignore")
        try:
            with image_file(path).open() as image:
                pages = _pages(image)
                return str(image.format), max(w for w, _ in pages), max(h for _, h in pages)
        except Image.DecompressionBombError:
            raise SweeperError(
                f"{path} has more than {limits.MOST_PIXELS:,} pixels; make it smaller"
            ) from None
        except MemoryError:
            raise
        except Exception:  # broken files make Pillow raise anything
            return None


def _pages(image: Image.Image) -> list[tuple[int, int]]:
    """Return the size of each page that may be read; only of some kinds it has one of its own."""
    sizes = [image.size]
    if image.format in _PAGED:
        for number in range(1, min(int(getattr(image, "n_frames", 1)), MOST_FRAMES)):
            image.seek(number)
            sizes.append(image.size)
    return sizes
