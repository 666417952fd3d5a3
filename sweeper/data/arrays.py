"""Conversion of NumPy arrays to images, embeddings and strings."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_images(array: NDArray[np.uint8]) -> Tensor:
    """Convert uint8 images to the shape ``[N, C, H, W]``.

    ``[N, H, W]`` is gray. With four axes, the channels are the last if its length is 1 or 3,
    otherwise the second.

    Raises:
        ValueError: the shape is not supported, or images have no pixels.
    """
    if 0 in array.shape[1:]:
        raise ValueError(f"shape {list(array.shape)} has no pixels")
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    elif array.ndim != 4 or array.shape[1] not in (1, 3):
        raise ValueError(
            f"shape {list(array.shape)} is none of [N, H, W], [N, H, W, C] and [N, C, H, W] "
            "with 1 or 3 channels"
        )
    return torch.from_numpy(np.ascontiguousarray(array))


def to_embeddings(array: NDArray[Any]) -> Tensor:
    """Convert real numbers ``[N, d]`` to float32.

    Raises:
        ValueError: the type or shape is wrong, or a number overflows float32.
    """
    if array.dtype.kind not in "fiu" or array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"{array.dtype} {list(array.shape)}, but real numbers [N, d] are needed")
    with np.errstate(over="ignore"):  # overflow becomes infinite and is rejected
        embeddings = array.astype(np.float32)
    if not np.isfinite(embeddings).all():
        row = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise ValueError(f"row {row} has a number that is not finite")
    return torch.from_numpy(embeddings)


def to_texts(array: NDArray[Any]) -> list[str]:
    """Convert integers or strings to strings that can be stored.

    Raises:
        ValueError: the type is wrong, or a string is not UTF-8.
    """
    if array.dtype.kind not in "iuUS":
        raise ValueError(f"type {array.dtype}, not whole numbers or texts")
    try:
        if array.dtype.kind == "S":
            array = np.char.decode(array, "utf-8")
        texts = [str(value) for value in array.tolist()]
        "".join(texts).encode()  # fails on lone surrogates, which cannot be stored
    except UnicodeError:
        raise ValueError("a text is not UTF-8; store them as UTF-8") from None
    return texts
