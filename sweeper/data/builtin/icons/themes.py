"""The installed icon themes, by the freedesktop icon theme specification.

https://specifications.freedesktop.org/icon-theme-spec/latest/
"""

import configparser
import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: The theme in which programs install their user icons, without a common style.
_NO_STYLE = "hicolor"
_SUFFIXES = (".png", ".svg")


@dataclass(frozen=True)
class Icon:
    """A file of an icon, in one of its sizes in a theme.

    Attributes:
        path: a PNG or an SVG.
        side: its nominal size in pixels.
    """

    path: Path
    side: int


#: The icons of each theme by name, each in all its sizes.
Themes = dict[str, dict[str, list[Icon]]]


def system_folders() -> list[Path]:
    """Return the folders in which the system and its user keep icon themes, the user's first."""
    home, environment = Path(os.path.expanduser("~")), os.environ
    user = environment.get("XDG_DATA_HOME") or home / ".local" / "share"
    shared = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [home / ".icons", *(Path(at, "icons") for at in (user, *shared.split(":")) if at)]


def indices(folders: Iterable[Path]) -> dict[str, list[Path]]:
    """Return the index files of each theme in folders.

    A theme has the name of its folder and may be spread over several folders. A theme whose name
    starts or ends with that of another, such as ``Papirus-Dark`` and ``ePapirus`` with ``Papirus``,
    is a variant of it in other colors or sizes and is ignored.
    """
    indexed: dict[str, list[Path]] = {}
    for folder in folders:
        for index in folder.glob("*/index.theme"):
            indexed.setdefault(index.parent.name, []).append(index)
    indexed.pop(_NO_STYLE, None)
    return {
        theme: index_files
        for theme, index_files in indexed.items()
        if not _is_variant(theme, indexed)
    }


def _is_variant(theme: str, themes: Iterable[str]) -> bool:
    return any(
        theme != other and (theme.startswith(other) or theme.endswith(other)) for other in themes
    )


def find_themes(folders: Iterable[Path], names: Container[str]) -> Themes:
    """Find the icons with the given names in all themes, sorted by theme.

    A file takes precedence over those of the same theme, name and size in later folders.
    """
    themes: Themes = {}
    for theme, index_files in sorted(indices(folders).items()):
        icons: dict[str, list[Icon]] = {}
        for folder, side in (folder for index in index_files for folder in _folders(index)):
            for name, path in _files(folder, names):
                icons.setdefault(name, []).append(Icon(path, side))
        if icons:
            themes[theme] = icons
    return themes


def _folders(index: Path) -> Iterator[tuple[Path, int]]:
    """Yield the icon folders that an index lists, each with its size in pixels.

    Ignores folders for high-density screens, which are drawn for a smaller nominal size, and
    animations, which are strips of many pictures.
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
