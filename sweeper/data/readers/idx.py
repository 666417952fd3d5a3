"""Reading the IDX format of MNIST and related data sets."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.errors import SweeperError

_UNSIGNED_BYTE = 8
#: Bytes per number of each type.
_BYTES = {_UNSIGNED_BYTE: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the content of an IDX file of bytes, gzipped if its name ends in ``.gz``.

    The header consists of two zero bytes, the type, the number of axes, and the length of each axis
    as a big-endian 32-bit number.

    Raises:
        SweeperError: the file is not in this format, not of bytes, or truncated.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise SweeperError(f"cannot read {path} ({error}); download it again") from None
    shape = _shape(content)
    if not shape or content[2] != _UNSIGNED_BYTE:
        raise SweeperError(f"{path} is not an IDX file of bytes, or truncated; download it again")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def damaged(folder: Path) -> Path | None:
    """Return the first truncated IDX file in a folder, of any type, or None."""
    files = sorted(folder.glob("*-idx*")) if folder.is_dir() else []
    plain = (path for path in files if path.suffix == "" and path.is_file())
    return next((path for path in plain if not _shape(path.read_bytes())), None)


def _shape(content: bytes) -> tuple[int, ...]:
    """Return the lengths of the axes, or () if the content is not a complete IDX file."""
    axes = content[3] if len(content) > 3 else 0
    start = 4 + 4 * axes
    if len(content) < start or content[:2] != b"\0\0" or content[2] not in _BYTES:
        return ()
    shape = tuple(np.frombuffer(content[4:start], ">u4").tolist())
    return shape if len(content) - start == _BYTES[content[2]] * math.prod(shape) else ()
