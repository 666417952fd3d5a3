"""``icons``: icons of the installed icon themes.

A class is a name of the freedesktop icon naming specification, such as ``edit-copy``. An image is
that icon in one theme, and a group is a theme. Themes with at least a fifth of their icons nearly
identical, such as a theme derived from another, form one group under the first of their names, and
of nearly identical pictures the first is used. Themes named after another one, such as
``Papirus-Dark`` after ``Papirus``, are ignored.

Images are in color, on white, and 32 × 32 unless ``size`` says otherwise.

Themes often use one picture for several names. Two names form one class if they have the same
picture in at least half of the themes that have both; the class gets the name that most themes
have. If a theme still has one picture for several classes, it belongs to the class of the actual
file, to which the others are links; copies of a file are skipped.

Icons that are not visible on white are skipped, then classes that fewer than five groups have.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sweeper.data.arrays import to_images
from sweeper.data.builtin import shared_images
from sweeper.data.builtin.icons.names import NAMES, Pictures, by_class
from sweeper.data.builtin.icons.picture import IconPicture, choose, read_all
from sweeper.data.builtin.icons.themes import Themes, find_themes, indices, system_folders
from sweeper.data.class_names import encode
from sweeper.data.raw_dataset import RawDataset
from sweeper.errors import SweeperError

_SIDE = 32
#: Groups that a class and a data set need: one for each part of a split, plus some variety.
_MIN_GROUPS = 5
#: Two pictures are nearly identical if the mean difference of their pixels at low resolution is
#: below this, of 255. Two themes form a group if this fraction of their icons is nearly identical.
#: At 32 pixels, that holds for 80 % of mate's icons and those of gnome, from which it was derived,
#: for 77 % of Obsidian's and Faenza's, and for 29 % of Adwaita's and gnome's, which were redrawn.
#: No other two of twenty themes share more than 14 %.
_NEARLY_IDENTICAL = 10
_MIN_SHARED = 0.2
#: Debian packages that together have enough themes.
PACKAGES = (
    "gnome-icon-theme tango-icon-theme lxde-icon-theme breeze-icon-theme elementary-icon-theme "
    "faba-icon-theme numix-icon-theme gnome-accessibility-themes"
)


def load(size: int | None = None) -> RawDataset:
    """Show the icons of all themes.

    Args:
        size: the side of the images in pixels, by default 32.

    Raises:
        SweeperError: too few themes have icons in common.
    """
    side = size or _SIDE
    files = _files(find_themes(system_folders(), NAMES), side)
    drawn, broken = read_all({file for named in files.values() for file in named.values()}, side)
    pictures = by_class({
        theme: {name: drawn[file] for name, file in named.items() if file in drawn}
        for theme, named in files.items()
    })  # fmt: skip
    keys = _keys(pictures)
    group_of = shared_images.groups(keys, {theme: theme for theme in keys}, _MIN_SHARED)
    fresh = shared_images.first_occurrences(keys)
    times = Counter(c for _, c in {(group_of[theme], c) for theme in fresh for c in fresh[theme]})
    images = [
        (theme, c, pictures[theme][c])
        for theme in fresh
        for c in sorted(fresh[theme])
        if times[c] >= _MIN_GROUPS
    ]
    if len({c for _, c, _ in images}) < 2:
        raise _too_few(len({*group_of.values()}))
    labels, class_names = encode(c for _, c, _ in images)
    groups, group_names = encode(group_of[theme] for theme, _, _ in images)
    return RawDataset(
        "icons",
        labels,
        class_names,
        to_images(np.stack([of.image for _, _, of in images])),
        groups=groups,
        group_names=group_names,
        made_from=_digest(images),
        remark=_remark(len({theme for theme, _, _ in images}), len(group_names), broken),
    )


def is_here() -> bool:
    """Return True if enough themes are installed, judged by their names."""
    return len(indices(system_folders())) >= _MIN_GROUPS


def _files(themes: Themes, side: int) -> dict[str, dict[str, Path]]:
    """Return each icon's file for a size, with links resolved."""
    files: dict[str, dict[str, Path]] = {}
    for theme, icons in themes.items():
        chosen = {name: choose(sizes, side) for name, sizes in icons.items()}
        files[theme] = {name: Path(os.path.realpath(file)) for name, file in chosen.items() if file}
    return files


def _keys(pictures: Pictures) -> dict[str, dict[str, bytes]]:
    """Return the key of each picture, or that of a nearly identical one in an earlier theme."""
    seen: dict[str, list[IconPicture]] = defaultdict(list)
    keys: dict[str, dict[str, bytes]] = {}
    for theme, by_class_name in pictures.items():
        keys[theme] = {}
        for c, picture in by_class_name.items():
            first = next((other for other in seen[c] if _nearly_identical(picture, other)), picture)
            if first is picture:
                seen[c].append(picture)
            keys[theme][c] = first.key
    return keys


def _nearly_identical(left: IconPicture, right: IconPicture) -> bool:
    return bool(np.abs(left.coarse - right.coarse).mean() < _NEARLY_IDENTICAL)


def _digest(images: Iterable[tuple[str, str, IconPicture]]) -> str:
    """Return a SHA-256 over the icons' themes, classes and files."""
    content = [(theme, c, of.digest) for theme, c, of in images]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _remark(themes: int, groups: int, broken: list[Path]) -> str:
    text = f"icons of {themes:,} themes in {groups:,} groups"
    if broken:
        text += f"; files that cannot be read and are left out: {len(broken):,}, {broken[0]}"
        text += " first" if len(broken) > 1 else ""
    return text


def _too_few(groups: int) -> SweeperError:
    return SweeperError(
        f"icons: {groups} distinct icon themes on this machine, but {_MIN_GROUPS} with two "
        "icons in common are needed; install more "
        f"(on Debian: apt install {PACKAGES})"
    )
