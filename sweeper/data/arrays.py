"""Arrays of NumPy as a data set has them: images, embeddings and texts."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_images(array: NDArray[np.uint8]) -> Tensor:
    """Bring uint8 images into the shape ``[N, C, H, W]``.

    ``[N, H, W]`` is gray. Of four axes the last is the channels if it is 1 or 3 long, else the
    second is.

    Raises:
        ValueError: any other shape, or images without pixels.
    """
    if 0 in array.shape[1:]:
        raise ValueError(f"shape {list(array.shape)} leaves no pixels")
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
    """Bring real numbers ``[N, d]`` into float32.

    Raises:
        ValueError: another type or shape, or a number that float32 cannot hold.
    """
    if array.dtype.kind not in "fiu" or array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"{array.dtype} {list(array.shape)}, but real numbers [N, d] are needed")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is refused
        embeddings = array.astype(np.float32)
    if not np.isfinite(embeddings).all():
        row = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise ValueError(f"row {row} has a number that is not finite")
    return torch.from_numpy(embeddings)


def to_texts(array: NDArray[Any]) -> list[str]:
    """Return whole numbers or texts as texts that can be stored.

    Raises:
        ValueError: values of another type, or a text that is not UTF-8.
    """
    if array.dtype.kind not in "iuUS":
        raise ValueError(f"type {array.dtype}, not whole numbers or texts")
    try:
        if array.dtype.kind == "S":
            array = np.char.decode(array, "utf-8")
        texts = [str(value) for value in array.tolist()]
        "".join(texts).encode()  # fails on half a pair of surrogates, which nothing can store
    except UnicodeError:
        raise ValueError("a text is not UTF-8; store them as UTF-8") from None
    return texts
