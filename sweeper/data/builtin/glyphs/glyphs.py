"""``glyphs``: characters in the installed fonts, or in those of a folder.

A class is a character, an image is a character in one font, and a group is a font family: its
regular, bold and italic styles are too similar to be on two sides of a split. Families with at
least half of their characters identical, as many share the Latin letters of Noto Sans, form one
group under the first of their names. A picture shared by several fonts is used once.

Images are gray, white on black like MNIST's, and 28 × 28 unless ``size`` says otherwise. As there,
a character fills a box of 20/28 of the side and is centered by its bounding box. The characters of
a font share one scale, which distinguishes ``c`` from ``C``. Still, ``I`` and ``l`` look the same
in many fonts, and so do upper and lower case letters of the same shape (``o``, ``v``, ``z``).

Skipped are characters that a font lacks, leaves blank, renders as the box for missing characters,
or renders identically to another one; then fonts with fewer than half of the script's characters;
then characters that fewer than five groups have.

Of the system's fonts, a script uses those with the script's home (``font_scripts.py``), so that
data sets of different homes share no font: each home is a source. All fonts of a user's folder are
used; like an image folder, it is a source of its own.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.builtin import shared_images
from sweeper.data.builtin.glyphs.drawing import GlyphPicture, draw, fit
from sweeper.data.builtin.glyphs.fonts import Face, find_faces, font_files, system_folders
from sweeper.data.builtin.glyphs.scripts import DEFAULT, SCRIPTS
from sweeper.data.paths import origin
from sweeper.data.raw_dataset import RawDataset
from sweeper.errors import SweeperError

_SIDE = 28
#: Groups that a class and a data set need: one for each part of a split, plus some variety.
_MIN_GROUPS = 5


def load(
    script: str | None = None, fonts: str | None = None, size: int | None = None
) -> RawDataset:
    """Render a script's characters in all fonts that have them and its home.

    Args:
        script: a name of ``SCRIPTS``, by default ``latin``.
        fonts: the path of a folder of fonts, of any home; by default the system's folders.
        size: side of the images in pixels, by default 28.

    Raises:
        SweeperError: the folder does not exist, or too few font families have the script.
    """
    script = script or DEFAULT
    alphabet = SCRIPTS[script].characters
    side = size or _SIDE
    home = SCRIPTS[script].home
    faces, broken = find_faces(_folders(fonts), alphabet, home if fonts is None else None)
    pictures: dict[Face, dict[str, GlyphPicture]] = {}
    for face in faces:
        try:
            drawn = draw(face, side)
        except MemoryError:
            raise
        except Exception:  # FreeType and Pillow raise anything for a broken font
            broken.append(face.path)
        else:
            if 2 * len(drawn) >= len(alphabet):
                pictures[face] = drawn
    keys = {
        face: {c: picture.key for c, picture in drawn.items()} for face, drawn in pictures.items()
    }
    group_of = shared_images.groups(keys, {face: face.family for face in keys})
    new_images = shared_images.first_occurrences(keys)
    shown = {(group_of[face], c) for face, kept in new_images.items() for c in kept}
    times = Counter(c for _, c in shown)
    characters = [c for c in alphabet if times[c] >= _MIN_GROUPS]
    if len(characters) < 2:
        second = sorted((0, 0, *times.values()))[-2]  # of the two most common characters
        raise _too_few(script, fonts, second)
    names = sorted({group for group, c in shown if c in characters})
    images, labels, groups = [], [], []
    for face, kept in new_images.items():
        fitted = fit(pictures[face], side)
        for character in filter(kept.__contains__, characters):
            images.append(fitted[character])
            labels.append(characters.index(character))
            groups.append(names.index(group_of[face]))
    return RawDataset(
        f"glyphs {home if fonts is None else origin(Path(fonts))}",
        torch.tensor(labels),
        tuple(characters),
        to_images(np.stack(images)),
        groups=torch.tensor(groups),
        group_names=tuple(names),
        made_from=_digest(new_images),
        remark=_remark(len(new_images), len(names), broken),
    )


def is_here() -> bool:
    """Return True if any font is installed."""
    return any(True for _ in font_files(system_folders()))


def _folders(fonts: str | None) -> list[Path]:
    if fonts is None:
        return system_folders()
    folder = Path(fonts)
    if not folder.is_dir():
        raise SweeperError(f"there is no folder {folder}, which fonts= names")
    return [folder]


def _digest(faces: Iterable[Face]) -> str:
    """Return a SHA-256 over the fonts' names and contents."""
    content = [(face.family, face.name, face.digest, face.index) for face in faces]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _remark(fonts: int, groups: int, broken: list[Path]) -> str:
    text = f"drawn in {fonts:,} fonts of {groups:,} families"
    if broken:
        files = sorted({str(path) for path in broken})
        text += f"; font files that cannot be read and are left out: {len(files):,}, {files[0]}"
        text += " first" if len(files) > 1 else ""
    return text


def _too_few(script: str, fonts: str | None, groups: int) -> SweeperError:
    where, remedy = f"the folder {fonts}", "add fonts to it"
    if fonts is None:
        where = "this machine"
        remedy = (
            f"install more (on Debian: apt install {SCRIPTS[script].packages}), "
            "or name a folder of fonts with [fonts=...]"
        )
    return SweeperError(
        f"glyphs: {where} has {groups} families of {script.capitalize()} fonts, but "
        f"{_MIN_GROUPS} are needed; {remedy}"
    )
