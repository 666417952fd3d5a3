"""Pictures of icons, on white and in the requested size."""

import hashlib
import io
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sweeper.data.builtin.icons.themes import Icon

_VECTOR = ".svg"
#: An icon is visible if this fraction of its pixels differs from white by this much in any color.
_MIN_VISIBLE = 0.02
_VISIBLE_DIFFERENCE = 64
_COARSE = (8, 8)


@dataclass(frozen=True, eq=False)
class IconPicture:
    """A rendered icon.

    Attributes:
        image: ``[side, side, 3]``.
        coarse: float ``[8, 8, 3]``, the image at low resolution.
        key: digest of the pixels.
        stem: the file's name without its extension.
        digest: a SHA-256 of the file's content.
    """

    image: NDArray[np.uint8]
    coarse: NDArray[np.float32]
    key: bytes
    stem: str
    digest: str


def choose(icons: Iterable[Icon], side: int) -> Path | None:
    """Return an icon's file for a size: the next larger one, or else the largest SVG.

    A smaller PNG would be blurred, which would reveal its theme.
    """
    candidates = [icon for icon in icons if icon.side >= side or icon.path.suffix == _VECTOR]
    best = min(candidates, key=lambda icon: (icon.side < side, abs(icon.side - side)), default=None)
    return best.path if best else None


def read_all(files: Iterable[Path], side: int) -> tuple[dict[Path, IconPicture], list[Path]]:
    """Read icons in parallel threads.

    Returns:
        The picture of each file with a visible icon, and the unreadable files.
    """
    broken: list[Path] = []

    def read(file: Path) -> IconPicture | None:
        try:
            content = file.read_bytes()
            image = _on_white(_render(content, side) if file.suffix == _VECTOR else content, side)
        except MemoryError:
            raise
        except Exception:  # broken files make the decoders raise anything
            broken.append(file)
            return None
        if image is None:
            return None
        key, digest = hashlib.sha256(image.tobytes()), hashlib.sha256(content)
        coarse = Image.fromarray(image).resize(_COARSE, Image.Resampling.BOX)
        return IconPicture(
            image, np.asarray(coarse, np.float32), key.digest(), file.stem, digest.hexdigest()
        )

    ordered = sorted(files)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pictures = zip(ordered, pool.map(read, ordered), strict=True)
        return {file: picture for file, picture in pictures if picture}, sorted(broken)


def _on_white(content: bytes, side: int) -> NDArray[np.uint8] | None:
    """Return an image file's content as ``[side, side, 3]``, or None if it is blank.

    Transparent pixels become white, as for all images. White icons for dark panels are lost this
    way: on a dark background they would reveal their theme.
    """
    with Image.open(io.BytesIO(content)) as opened:
        icon = opened.convert("RGBA")
    square = max(side, *icon.size)
    background = Image.new("RGBA", (square, square), "white")
    background.alpha_composite(icon, ((square - icon.width) // 2, (square - icon.height) // 2))
    shown = background.convert("RGB").resize((side, side), Image.Resampling.HAMMING)
    image: NDArray[np.uint8] = np.asarray(shown)
    visible = (image <= 255 - _VISIBLE_DIFFERENCE).any(axis=2)
    return image if visible.mean() >= _MIN_VISIBLE else None


def _render(content: bytes, side: int) -> bytes:
    """Return an SVG as a PNG of a width, without text, since fonts differ between machines."""
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=content.decode("utf-8-sig"), width=side, skip_system_fonts=True
    )
