"""Arrays in an .npz: what they claim to be, checked before any is read."""

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO

from numpy.lib import format as npy

from sweeper.errors import SweeperError
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.zips import require_unpackable

_MOST_ARRAYS = 32
_SAMPLES = ("images", "embeddings")

#: Each version of the format that has arrays of plain values, and how its header is read.
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def require_readable(path: Path) -> None:
    """Refuse an .npz that claims more than it holds, more than the bounds, or has objects.

    Raises:
        SweeperError: it is so.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ARRAYS:
                raise SweeperError(f"it has {len(entries)} arrays, and {_MOST_ARRAYS} are taken")
            require_unpackable(entries, path.stat().st_size)
            for entry in entries:
                with archive.open(entry) as file:
                    _require_plain(file, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError) as error:
        raise SweeperError(
            f"it cannot be read as an .npz of plain arrays ({error}); write it with numpy.savez"
        ) from None


def _require_plain(file: IO[bytes], entry: zipfile.ZipInfo) -> None:
    name = entry.filename.removesuffix(".npy")
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise SweeperError(f"array {name!r} is no plain array; write it with numpy.savez")
    shape, _, dtype = _HEADERS[version](file)
    if dtype.hasobject or dtype.names is not None:
        raise SweeperError(f"array {name!r} holds objects; numbers or texts are taken")
    claimed, held = math.prod(shape) * dtype.itemsize, entry.file_size - file.tell()
    if claimed != held:
        raise SweeperError(
            f"array {name!r} claims {claimed:,} bytes and holds {held:,}; write it anew"
        )
    if name.lower() in _SAMPLES and shape and shape[0] > limits.MOST_SAMPLES:
        raise SweeperError(
            f"{shape[0]:,} {name.lower()} are more than {limits.MOST_SAMPLES:,}; send fewer of "
            "each class"
        )
