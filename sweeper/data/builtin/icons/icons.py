"""``icons``: the icons of the icon themes that this machine has.

A class is a name of the freedesktop icon naming specification, as ``edit-copy``, an image is that
icon in one theme, and a group is a theme. Themes that hardly differ in a fifth of their icons or
more, as one that was made of the other, are one group, under the first of their names, and of
pictures that hardly differ the first is taken. Themes that are named after another one, as
``Papirus-Dark`` after ``Papirus``, are passed over.

Images are in color, on white, and 32 × 32 unless ``size`` says otherwise.

Many a theme has one picture for what others tell apart. Two names are one class when they have the
same picture in half or more of the themes that have both; it is called by the name that most themes
have. Of what is left, a picture that a theme has for several classes belongs to the one of them
that it is the file of, the others being links to it; copies of a file are left out.

Left out are an icon that cannot be seen on white, then a class that fewer than five groups have.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sweeper.data import shared_images
from sweeper.data.arrays import to_images
from sweeper.data.builtin.icons.names import NAMES, Pictures, by_class
from sweeper.data.builtin.icons.picture import IconPicture, choose, read_all
from sweeper.data.builtin.icons.themes import Themes, find_themes, indices, system_folders
from sweeper.data.class_names import encode
from sweeper.data.raw_dataset import RawDataset
from sweeper.errors import SweeperError

_SIDE = 32
#: Groups that a class and a data set need: three for the parts of a split, and some to vary.
_FEWEST_GROUPS = 5
#: Two pictures hardly differ when, as they are seen from far, the mean of their pixels' differences
#: is below this, of 255; and two themes draw alike when this share of their icons hardly differs.
#: At 32 pixels 80 % of mate's icons hardly differ from gnome's, of which it was made, 77 % of
#: Obsidian's from Faenza's, and 29 % of Adwaita's from gnome's, drawn anew. Of no two others of
#: twenty themes more than 14 % do.
_HARDLY = 10
_ALIKE = 0.2
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
    group_of = shared_images.groups(keys, {theme: theme for theme in keys}, _ALIKE)
    fresh = shared_images.fresh(keys)
    times = Counter(c for _, c in {(group_of[theme], c) for theme in fresh for c in fresh[theme]})
    images = [
        (theme, c, pictures[theme][c])
        for theme in fresh
        for c in sorted(fresh[theme])
        if times[c] >= _FEWEST_GROUPS
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
    """Whether the machine has enough themes by their names."""
    return len(indices(system_folders())) >= _FEWEST_GROUPS


def _files(themes: Themes, side: int) -> dict[str, dict[str, Path]]:
    """Return the file of each icon for a size, with links followed."""
    files: dict[str, dict[str, Path]] = {}
    for theme, icons in themes.items():
        chosen = {name: choose(sizes, side) for name, sizes in icons.items()}
        files[theme] = {name: Path(os.path.realpath(file)) for name, file in chosen.items() if file}
    return files


def _keys(pictures: Pictures) -> dict[str, dict[str, bytes]]:
    """Return a key of each picture, that of an earlier theme's if the two hardly differ."""
    seen: dict[str, list[IconPicture]] = defaultdict(list)
    keys: dict[str, dict[str, bytes]] = {}
    for theme, own in pictures.items():
        keys[theme] = {}
        for c, picture in own.items():
            first = next((other for other in seen[c] if _hardly_differ(picture, other)), picture)
            if first is picture:
                seen[c].append(picture)
            keys[theme][c] = first.key
    return keys


def _hardly_differ(one: IconPicture, other: IconPicture) -> bool:
    return bool(np.abs(one.coarse - other.coarse).mean() < _HARDLY)


def _digest(images: Iterable[tuple[str, str, IconPicture]]) -> str:
    """Return a SHA-256 over the icons' themes, classes and files."""
    told = [(theme, c, of.digest) for theme, c, of in images]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _remark(themes: int, groups: int, broken: list[Path]) -> str:
    text = f"icons of {themes:,} themes in {groups:,} groups"
    if broken:
        text += f"; files that cannot be read and are left out: {len(broken):,}, {broken[0]}"
        text += " first" if len(broken) > 1 else ""
    return text


def _too_few(groups: int) -> SweeperError:
    return SweeperError(
        f"icons: {groups} icon themes of this machine draw differently, where {_FEWEST_GROUPS} are "
        "needed that have two icons in common; install more "
        f"(on Debian: apt install {PACKAGES})"
    )
