"""``glyphs``: characters in the fonts of this machine or of a folder.

A class is a character, an image is a character in one font, and a group is a family of fonts: its
regular, bold and italic files look too much alike to stand on two sides of a split. Families that
draw half of their characters or more exactly alike, as many do the Latin letters of Noto Sans, are
one group under the first of their names. A picture that several fonts share is taken once.

Images are gray, white on black as MNIST's, and 28 × 28 unless ``size`` says otherwise. As there, a
character fills a box of 20/28 of the side and is centered by its own bounding box. The characters
of one font share a scale, which keeps ``c`` and ``C`` apart. Still ``I`` and ``l`` look alike in
many fonts, and small and capital letters of one form (``o``, ``v``, ``z``) where fonts differ in
them.

Left out are a character that a font lacks, leaves blank, draws as the box for a missing one, or
draws exactly as another one; then a font that has fewer than half of the script's characters; then
a character that fewer than five groups have.

Of the system's fonts a script is drawn in those that are at home there (``homes.py``), so that data
sets of different homes share no font: each home is a source. A folder of fonts is the user's own
choice and drawn whole; as a folder of images is, it is a source of its own.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from sweeper.data import shared_images
from sweeper.data.arrays import to_images
from sweeper.data.builtin.glyphs.drawing import GlyphPicture, draw, fit
from sweeper.data.builtin.glyphs.fonts import Face, find_faces, font_files, system_folders
from sweeper.data.builtin.glyphs.scripts import DEFAULT, SCRIPTS
from sweeper.data.paths import origin
from sweeper.data.raw_dataset import RawDataset
from sweeper.errors import SweeperError

_SIDE = 28
#: Groups that a class and a data set need: three for the parts of a split, and some to vary.
_FEWEST_GROUPS = 5


def load(
    script: str | None = None, fonts: str | None = None, size: int | None = None
) -> RawDataset:
    """Draw a script's characters in every font that has them and is at home there.

    Args:
        script: a name of ``SCRIPTS``, by default ``latin``.
        fonts: the path of a folder of fonts, at home or not; by default the system's folders.
        size: the side of the images in pixels, by default 28.

    Raises:
        SweeperError: there is no such folder, or too few families of fonts have the script.
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
        except Exception:  # FreeType and Pillow raise anything at a broken font
            broken.append(face.path)
        else:
            if 2 * len(drawn) >= len(alphabet):
                pictures[face] = drawn
    keys = {
        face: {c: picture.key for c, picture in drawn.items()} for face, drawn in pictures.items()
    }
    group_of = shared_images.groups(keys, {face: face.family for face in keys})
    fresh = shared_images.fresh(keys)
    shown = {(group_of[face], c) for face, kept in fresh.items() for c in kept}
    times = Counter(c for _, c in shown)
    characters = [c for c in alphabet if times[c] >= _FEWEST_GROUPS]
    if len(characters) < 2:
        second = sorted((0, 0, *times.values()))[-2]  # of the two characters that most groups have
        raise _too_few(script, fonts, second)
    names = sorted({group for group, c in shown if c in characters})
    images, labels, groups = [], [], []
    for face, kept in fresh.items():
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
        made_from=_digest(fresh),
        remark=_remark(len(fresh), len(names), broken),
    )


def is_here() -> bool:
    """Whether the machine has any font."""
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
    told = [(face.family, face.name, face.digest, face.index) for face in faces]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _remark(fonts: int, groups: int, broken: list[Path]) -> str:
    text = f"drawn in {fonts:,} fonts of {groups:,} families"
    if broken:
        files = sorted({str(path) for path in broken})
        text += f"; font files that cannot be read and are left out: {len(files):,}, {files[0]}"
        text += " first" if len(files) > 1 else ""
    return text


def _too_few(script: str, fonts: str | None, groups: int) -> SweeperError:
    where, mend = f"the folder {fonts}", "add fonts to it"
    if fonts is None:
        where = "this machine"
        mend = (
            f"install more (on Debian: apt install {SCRIPTS[script].packages}), "
            "or name a folder of fonts with [fonts=...]"
        )
    return SweeperError(
        f"glyphs: {where} has {groups} families of {script.capitalize()} fonts, where "
        f"{_FEWEST_GROUPS} are needed; {mend}"
    )
