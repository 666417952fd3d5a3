"""Finding fonts on a machine or in a folder."""

import hashlib
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeper.data.builtin.glyphs.font_scripts import claims, home

_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
#: Entries of a font's name table: the family of all styles, or else the legacy family of at most
#: four styles.
_FAMILY = (16, 1)
_FULL_NAME = (4,)


@dataclass(frozen=True)
class Face:
    """A font: a file, or one font of a collection (``.ttc``).

    Attributes:
        path: the file.
        index: index within the file, from 0.
        family: the name that all styles share.
        name: the family with the style.
        characters: the requested characters that it claims to have.
        digest: a SHA-256 of the file's content.
    """

    path: Path
    index: int
    family: str
    name: str
    characters: frozenset[str]
    digest: str

    @property
    def order(self) -> tuple[str, str, str, int]:
        """A sort key that does not depend on the file's path."""
        return self.family, self.name, self.digest, self.index


def system_folders() -> list[Path]:
    """Return the folders in which the system and its user keep fonts."""
    home, environment = Path(os.path.expanduser("~")), os.environ
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        windows = Path(environment.get("WINDIR") or r"C:\Windows")
        local = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    user = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return [*shared, user / "fonts", home / ".fonts"]


def font_files(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the font files below folders, ignoring folders that do not exist."""
    for folder in folders:
        for current, _, names in os.walk(folder):
            yield from (Path(current, name) for name in names if name.lower().endswith(_SUFFIXES))


def find_faces(
    folders: Iterable[Path], characters: str, at_home: str | None = None
) -> tuple[list[Face], list[Path]]:
    """Find the fonts that claim to have at least half of the requested characters.

    Copies of a file, under any name, are used once.

    Args:
        folders: the folders to search recursively.
        characters: the requested characters.
        at_home: the required home as in ``Script``, or None for any.

    Returns:
        The fonts in an order independent of their paths, and the unreadable files.
    """
    # Warnings about unusual fonts are of no use to the user.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    faces: dict[tuple[str, int], Face] = {}
    broken = []
    for path in sorted(font_files(folders)):
        try:
            faces_of_file = list(_faces(path, characters, at_home))
        except MemoryError:
            raise
        except Exception:  # broken files make fontTools raise anything
            broken.append(path)
        else:
            for face in faces_of_file:
                faces.setdefault((face.digest, face.index), face)
    return sorted(faces.values(), key=lambda face: face.order), broken


def _faces(path: Path, characters: str, at_home: str | None) -> Iterator[Face]:
    from fontTools.ttLib import TTCollection, TTFont

    # Opened here, since fontTools leaves broken files open.
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        collection = file.read(4) == b"ttcf"
        file.seek(0)
        fonts = TTCollection(file, lazy=True).fonts if collection else [TTFont(file, lazy=True)]
        digest = ""
        for index, font in enumerate(fonts):
            if any(entry.offset + entry.length > size for entry in font.reader.tables.values()):
                raise ValueError("cut off")
            mapped = font.getBestCmap() or {}
            claimed = claims(mapped, characters)
            if not claimed or (at_home and home(mapped) != at_home):
                continue
            digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
            family = _name(font, _FAMILY) or f"unnamed {digest[:8]}"
            yield Face(path, index, family, _name(font, _FULL_NAME) or family, claimed, digest)


def _name(font: Any, numbers: Iterable[int]) -> str:
    text = font["name"].getFirstDebugName(numbers) if "name" in font else None
    return " ".join((text or "").split())
