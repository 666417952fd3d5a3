"""Named members in a folder or a ZIP file, never unpacked to disk."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweeper.errors import SweeperError

#: Maximum size of a member, so that a decompression bomb cannot fill the memory.
MAX_BYTES = 256 * 2**20

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the members as a ZIP file, with the same bytes for the same members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system = 3  # the default differs between systems
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)  # stored: the large member is already compressed
    return buffer.getvalue()


def read_members(path: Path | io.BytesIO, names: Sequence[str]) -> dict[str, bytes]:
    """Return the named members of a folder, a ZIP file, or a ZIP file's content.

    Raises:
        SweeperError: a member is missing or too large; the file is not a ZIP file, is truncated, or
            has other members.
    """
    try:
        if isinstance(path, Path) and path.is_dir():
            return {name: _from_folder(path, name) for name in names}
        with zipfile.ZipFile(path) as archive:
            if unknown := set(archive.namelist()) - set(names):
                raise SweeperError(f"it has a member {min(unknown)!r} that no repository has")
            if len(archive.namelist()) != len(names):
                raise SweeperError(f"it must have each of {', '.join(names)} once")
            return {name: _from_archive(archive, name) for name in names}
    except FileNotFoundError:
        raise SweeperError("there is no such file") from None
    except zipfile.BadZipFile:
        raise SweeperError("it is no repository file, or is cut off; get it again") from None
    except OSError as error:
        raise SweeperError(f"it cannot be read: {error.strerror or error}") from None


def _from_folder(folder: Path, name: str) -> bytes:
    if not (folder / name).is_file():
        raise SweeperError(f"{name} is missing")
    with (folder / name).open("rb") as file:
        return _limited(file.read(MAX_BYTES + 1), name)


def _from_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            return _limited(member.read(MAX_BYTES + 1), name)
    except (RuntimeError, NotImplementedError, EOFError, zlib.error, zipfile.BadZipFile):
        raise SweeperError(f"{name} is damaged or encrypted; get the file again") from None


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise SweeperError(f"{name} is larger than {MAX_BYTES >> 20} MiB")
    return content
