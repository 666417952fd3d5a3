"""The icon themes that a machine has, by the freedesktop icon theme specification.

https://specifications.freedesktop.org/icon-theme-spec/latest/
"""

import configparser
import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: The theme in which programs install icons of their own, each drawn in another manner.
_NO_STYLE = "hicolor"
_SUFFIXES = (".png", ".svg")


@dataclass(frozen=True)
class Icon:
    """An icon's file, in one of the sizes that a theme has of it.

    Attributes:
        path: a PNG or an SVG.
        side: the size that it is drawn for, in pixels.
    """

    path: Path
    side: int


#: The icons of each theme by their names, each in all its sizes.
Themes = dict[str, dict[str, list[Icon]]]


def system_folders() -> list[Path]:
    """Return the folders where the system and its user keep icon themes, the user's first."""
    home, environment = Path(os.path.expanduser("~")), os.environ
    own = environment.get("XDG_DATA_HOME") or home / ".local" / "share"
    shared = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [home / ".icons", *(Path(at, "icons") for at in (own, *shared.split(":")) if at)]


def indices(folders: Iterable[Path]) -> dict[str, list[Path]]:
    """Return the index files of each theme in folders.

    A theme is called as its folder is, and may lie in several of the folders. One whose name begins
    or ends with that of another, as ``Papirus-Dark`` and ``ePapirus`` do with ``Papirus``, is a
    variant of it in other colors or sizes, and passed over.
    """
    found: dict[str, list[Path]] = {}
    for folder in folders:
        for index in folder.glob("*/index.theme"):
            found.setdefault(index.parent.name, []).append(index)
    found.pop(_NO_STYLE, None)
    return {theme: places for theme, places in found.items() if not _is_variant(theme, found)}


def _is_variant(theme: str, themes: Iterable[str]) -> bool:
    return any(
        theme != other and (theme.startswith(other) or theme.endswith(other)) for other in themes
    )


def find_themes(folders: Iterable[Path], names: Container[str]) -> Themes:
    """Find the icons of some names in the themes in folders, in the order of the themes' names.

    A file hides those of the same theme, name and size in later folders.
    """
    themes: Themes = {}
    for theme, places in sorted(indices(folders).items()):
        icons: dict[str, list[Icon]] = {}
        for folder, side in (folder for index in places for folder in _folders(index)):
            for name, path in _files(folder, names):
                icons.setdefault(name, []).append(Icon(path, side))
        if icons:
            themes[theme] = icons
    return themes


def _folders(index: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folders of icons that an index names, each with its size in pixels.

    Those for screens of double density are drawn for a smaller size than they have, and animations
    are strips of many pictures: both are passed over.
    """
    parser = configparser.RawConfigParser(
        delimiters="=", comment_prefixes="#", strict=False, default_section=""
    )
    try:
        parser.read_string(index.read_text(encoding="utf-8", errors="replace"))
    except (OSError, configparser.Error):
        return
    for name in parser.get("Icon Theme", "Directories", fallback="").split(","):
        about = {key: parser.get(name, key, fallback="") for key in ("Size", "Scale", "Context")}
        if (
            about["Size"].isdecimal()
            and about["Scale"] in ("", "1")
            and about["Context"] != "Animations"
        ):
            yield index.parent / name, int(about["Size"])


def _files(folder: Path, names: Container[str]) -> Iterator[tuple[str, Path]]:
    try:
        files = sorted(os.listdir(folder))
    except OSError:
        return
    for file in files:
        name, suffix = os.path.splitext(file)
        if suffix in _SUFFIXES and name in names:
            yield name, folder / file
