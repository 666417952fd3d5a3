"""The fonts that a machine or a folder has."""

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
#: Where a font's name table has the family that its bold and light styles belong to, and else the
#: one of at most four styles that old programs show.
_FAMILY = (16, 1)
_FULL_NAME = (4,)


@dataclass(frozen=True)
class Face:
    """A font: a file, or one of those that a collection (``.ttc``) holds.

    Attributes:
        path: the file.
        index: which of the file's fonts, from 0.
        family: what it shares with its bold, italic and other styles.
        name: the family with the style.
        characters: those that it claims to have, of those asked for.
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
        """A sort key that does not depend on where the file lies."""
        return self.family, self.name, self.digest, self.index


def system_folders() -> list[Path]:
    """Return the folders where the system and its user keep fonts."""
    home, environment = Path(os.path.expanduser("~")), os.environ
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        windows = Path(environment.get("WINDIR") or r"C:\Windows")
        local = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    own = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return [*shared, own / "fonts", home / ".fonts"]


def font_files(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the font files below folders, those that do not exist passed over."""
    for folder in folders:
        for place, _, names in os.walk(folder):
            yield from (Path(place, name) for name in names if name.lower().endswith(_SUFFIXES))


def find_faces(
    folders: Iterable[Path], characters: str, at_home: str | None = None
) -> tuple[list[Face], list[Path]]:
    """Find the fonts that claim to have at least half of some characters.

    A file that lies in several places, under whatever name, is taken once.

    Args:
        folders: where to look, and below.
        characters: those that are asked for.
        at_home: a home as in ``Script``, which the fonts must have; by default any will do.

    Returns:
        The fonts in an order that does not depend on where they lie, and the files that cannot be
        read as fonts.
    """
    # What is odd in a font is nothing to tell whoever wants pictures of it.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    faces: dict[tuple[str, int], Face] = {}
    broken = []
    for path in sorted(font_files(folders)):
        try:
            found = list(_faces(path, characters, at_home))
        except MemoryError:
            raise
        except Exception:  # a broken file makes fontTools raise anything
            broken.append(path)
        else:
            for face in found:
                faces.setdefault((face.digest, face.index), face)
    return sorted(faces.values(), key=lambda face: face.order), broken


def _faces(path: Path, characters: str, at_home: str | None) -> Iterator[Face]:
    from fontTools.ttLib import TTCollection, TTFont

    # The file is opened here, since fontTools leaves one open that it finds broken.
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
            family = _named(font, _FAMILY) or f"unnamed {digest[:8]}"
            yield Face(path, index, family, _named(font, _FULL_NAME) or family, claimed, digest)


def _named(font: Any, numbers: Iterable[int]) -> str:
    text = font["name"].getFirstDebugName(numbers) if "name" in font else None
    return " ".join((text or "").split())
