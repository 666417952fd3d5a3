"""Reads the IDX format of MNIST and its like."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.errors import SweeperError

_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the bytes of an IDX file, gzipped if its name ends in ``.gz``.

    The header is two zero bytes, the type, the number of axes, and each axis's length as a
    big-endian 32-bit number.

    Raises:
        SweeperError: the file is not of the format, not of bytes, or cut short.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise SweeperError(f"cannot read {path} ({error}); fetch it again") from None
    axes = content[3] if len(content) > 3 else 0
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(content[4:start], ">u4").tolist()) if len(content) >= start else ()
    if (
        content[:3] != bytes((0, 0, _UNSIGNED_BYTE))
        or not axes
        or len(content) - start != math.prod(shape)
    ):
        raise SweeperError(f"{path} is no IDX file of bytes, or not whole; fetch it again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
