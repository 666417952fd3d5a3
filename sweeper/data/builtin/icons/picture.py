"""The pictures of icons: on white, in the size that is asked for."""

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
#: An icon is seen when this share of its pixels differs from white by so much in some color.
_SEEN_SHARE = 0.02
_SEEN_DIFFERENCE = 64
_COARSE = (8, 8)


@dataclass(frozen=True, eq=False)
class IconPicture:
    """An icon as it is shown.

    Attributes:
        image: ``[side, side, 3]``.
        coarse: float ``[8, 8, 3]``, the same as it is seen from far.
        key: the same for the same picture, and for no other.
        stem: the file's name without its ending.
        digest: a SHA-256 of the file's content.
    """

    image: NDArray[np.uint8]
    coarse: NDArray[np.float32]
    key: bytes
    stem: str
    digest: str


def choose(icons: Iterable[Icon], side: int) -> Path | None:
    """Return an icon's file for a size: that of the next larger one, or else of the largest SVG.

    A smaller PNG would be blurred, and tell its theme by that.
    """
    fitting = [icon for icon in icons if icon.side >= side or icon.path.suffix == _VECTOR]
    best = min(fitting, key=lambda icon: (icon.side < side, abs(icon.side - side)), default=None)
    return best.path if best else None


def read_all(files: Iterable[Path], side: int) -> tuple[dict[Path, IconPicture], list[Path]]:
    """Read icons, in threads.

    Returns:
        The picture of each file whose icon can be seen, and the files that cannot be read.
    """
    broken: list[Path] = []

    def read(file: Path) -> IconPicture | None:
        try:
            content = file.read_bytes()
            image = _show(_render(content, side) if file.suffix == _VECTOR else content, side)
        except MemoryError:
            raise
        except Exception:  # a broken file makes the decoders raise anything
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


def _show(content: bytes, side: int) -> NDArray[np.uint8] | None:
    """Return an image file's content as ``[side, side, 3]``, or None if it is blank.

    Transparent pixels are put on white, as those of all images. An icon in white, made for a dark
    panel, is so lost: on a dark ground it would tell its theme by that.
    """
    with Image.open(io.BytesIO(content)) as opened:
        icon = opened.convert("RGBA")
    square = max(side, *icon.size)
    ground = Image.new("RGBA", (square, square), "white")
    ground.alpha_composite(icon, ((square - icon.width) // 2, (square - icon.height) // 2))
    shown = ground.convert("RGB").resize((side, side), Image.Resampling.HAMMING)
    image: NDArray[np.uint8] = np.asarray(shown)
    seen = (image <= 255 - _SEEN_DIFFERENCE).any(axis=2)
    return image if seen.mean() >= _SEEN_SHARE else None


def _render(content: bytes, side: int) -> bytes:
    """Return an SVG as a PNG of a width, without text: each machine has other fonts for it."""
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=content.decode("utf-8-sig"), width=side, skip_system_fonts=True
    )
