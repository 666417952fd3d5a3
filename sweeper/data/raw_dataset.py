"""What a loader finds: labels at once, pixels only for what a subset keeps."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.readers.images import ImageFile
from sweeper.data.readers.paths import expand
from sweeper.errors import SweeperError


@dataclass(frozen=True)
class RawDataset:
    """A data set whose image files are yet to be read.

    Attributes:
        source: where the images come from, as in ``Dataset``.
        labels: int64 ``[N]``, from 0 to the number of classes less one.
        class_names: one name a class.
        inputs: uint8 ``[N, C, H, W]``, float32 ``[N, d]``, or N image files.
        groups: int64 ``[N]`` or None.
        parts: uint8 ``[N]`` of TRAIN, VALIDATION and TEST, or None.
        group_names: as in ``Dataset``.
        made_from: as in ``Dataset``.
        remark: as in ``Dataset``.
    """

    source: str
    labels: Tensor
    class_names: tuple[str, ...]
    inputs: Tensor | Sequence[ImageFile]
    groups: Tensor | None = None
    parts: Tensor | None = None
    group_names: tuple[str, ...] = ()
    made_from: str = ""
    remark: str = ""


def data_root() -> Path:
    """Return the folder of downloaded data sets: ``SWEEPER_DATA``, else one in the user's cache.

    Raises:
        SweeperError: it is in the home folder of a user who has none.
    """
    if root := os.environ.get("SWEEPER_DATA"):
        return expand(root)
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return expand(cache) / "sweeper"


def natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that puts ``class 2`` before ``class 10``."""
    pieces = re.findall(r"([0-9]+)|([^0-9]+)", text)
    # A number is ordered by its digits: Python makes no int of a text of thousands of them.
    numbers = [(digits.lstrip("0"), other) for digits, other in pieces]
    return [(1, 0, other) if other else (0, len(n), n) for n, other in numbers], text


def encode(values: Iterable[str]) -> tuple[Tensor, tuple[str, ...]]:
    """Number texts in natural order: int64 ``[N]``, and the text of each number."""
    texts = list(values)
    names = tuple(sorted(set(texts), key=natural))
    number = {name: i for i, name in enumerate(names)}
    return torch.tensor([number[text] for text in texts], dtype=torch.int64), names


def require_two_classes(class_names: Sequence[str], where: str) -> None:
    """Raise a SweeperError unless there are at least two classes to tell apart."""
    if len(class_names) < 2:
        raise SweeperError(
            f"{where}: only one class ({class_names[0]!r}); a classifier needs two or more"
        )


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
