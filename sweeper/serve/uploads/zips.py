"""Archives of image folders: checked by their directory, then unpacked as plain files."""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from sweeper.data.images.notes import first
from sweeper.data.readers.folder_entries import is_image, is_visible, loose_images, subfolders
from sweeper.data.split_names import is_part
from sweeper.errors import SweeperError
from sweeper.serve.uploads import limits

#: How an entry of a directory begins; an archive has no more entries than this occurs in it.
_ENTRY = b"PK\x01\x02"

_ENCRYPTED = 1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LONGEST_NAME, _DEEPEST = 200, 12
_AT_ONCE = 1024 * 1024


def unpack(path: Path, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Unpack the images of an archive, and return where the class folders are, with notes.

    Everything is checked before anything is unpacked. Files that are no images are left out.

    Args:
        path: the archive.
        folder: a folder that does not exist yet.

    Raises:
        SweeperError: it is broken, larger than the bounds, or has a link or a path that leads out.
    """
    try:
        _require_few_entries(path)
        with zipfile.ZipFile(path) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            places = {_place(entry): entry for entry in files}
            if len(places) < len(files):
                raise SweeperError("two files of the archive have one name; keep one")
            require_unpackable(files, path.stat().st_size)
            hidden = {at for at in places if not all(map(is_visible, at.parts))}
            images = [at for at in places if is_image(at.name) and at not in hidden]
            for at in images:
                _write(archive, places[at], folder / at)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise SweeperError(f"the archive cannot be read ({error}); make it anew") from None
    if not images:
        raise SweeperError(
            "the archive has no images; put a folder for each class into it, with its images"
        )
    others = [str(at) for at in places if at not in {*images, *hidden}]
    note = (f"files of the archive that are not read: {first(others)}",) if others else ()
    return _top(folder), note


def require_unpackable(entries: Iterable[zipfile.ZipInfo], size: int) -> None:
    """Refuse an archive that is far larger unpacked, or has what cannot be read at once.

    Args:
        entries: of its directory.
        size: of the archive in bytes.

    Raises:
        SweeperError: it is so.
    """
    entries = list(entries)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.MOST_UNPACKED:
        raise SweeperError(
            f"it is {unpacked:,} bytes unpacked, and {limits.MOST_UNPACKED >> 20} MiB are taken; "
            "send fewer samples of each class, or smaller images"
        )
    if unpacked > max(limits.UNPACKED_ANYHOW, limits.LARGEST_RATIO * size):
        raise SweeperError(
            f"it is {unpacked / size:,.0f} times as large unpacked, and {limits.LARGEST_RATIO} "
            "times are taken; data are not that empty"
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise SweeperError("the archive is encrypted; send it without a password")
        if entry.compress_type not in _PACKED:
            raise SweeperError("the archive is packed in an unusual way; use deflate, as zip does")


def _require_few_entries(path: Path) -> None:
    """Count before the directory is read, whose entries take far more memory than bytes."""
    number = path.read_bytes().count(_ENTRY)
    if number > 2 * limits.MOST_SAMPLES:
        raise SweeperError(
            f"the archive has up to {number:,} entries, and {limits.MOST_SAMPLES:,} files are "
            "taken; send fewer images of each class"
        )


def _place(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return where a file goes, below a folder; refuse what would lead out of it."""
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    shown = name[:_LONGEST_NAME]
    if kind not in (0, stat.S_IFREG):
        raise SweeperError(f"{shown!r} in the archive is a link or no file; leave it out")
    parts = name.split("/")
    leads_out = any(part in ("", ".", "..") for part in parts) or re.match("[A-Za-z]:", name)
    if leads_out or "\\" in name:
        raise SweeperError(
            f"{shown!r} in the archive is no path below a folder; zip the folder of the classes"
        )
    if not name.isprintable() or not _is_utf8(name):
        raise SweeperError(f"{shown!r} in the archive is no name that can be printed; rename it")
    if len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        raise SweeperError(f"{shown!r} in the archive is too long or too deep; rename it")
    return PurePosixPath(name)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path) -> None:
    """Unpack one file: never more bytes than the directory says."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, place.open("xb") as file:
        while content := packed.read(_AT_ONCE):
            file.write(content)


def _top(folder: Path) -> Path:
    """Return the folder that was zipped: the only one at the top, if the classes are in it."""
    inside = subfolders(folder)
    if len(inside) == 1 and not loose_images(folder) and not is_part(inside[0].name):
        return inside[0]
    return folder
