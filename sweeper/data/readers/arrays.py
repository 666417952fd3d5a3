""".npz files of images or precomputed embeddings, with labels."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.arrays import to_embeddings, to_images, to_texts
from sweeper.data.class_names import encode, require_two_classes
from sweeper.data.paths import origin
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.split_names import PARTS, is_part, part_numbers
from sweeper.errors import SweeperError

_Array = NDArray[Any]
_ALLOWED = ("images", "embeddings", "labels", "groups", "class_names", "split")


def load(path: Path) -> RawDataset:
    """Read an .npz.

    Arrays: ``images``, uint8 ``[N, H, W]``, ``[N, H, W, C]`` or ``[N, C, H, W]`` with 1 or 3
    channels (with four axes, the channels are the last if its length is 1 or 3, otherwise the
    second), or ``embeddings``, real numbers ``[N, d]``; ``labels`` ``[N]``, integers or strings.
    Optional: ``groups`` ``[N]``, integers or strings; ``class_names``, strings indexed by integer
    labels from 0; and ``split`` ``[N]`` of train, val and test or other words of ``PARTS``.

    Raises:
        SweeperError: an array is missing, or has the wrong type, shape, length or values.
    """
    arrays, unread = _read(path)
    kinds = [name for name in ("images", "embeddings") if name in arrays]
    if len(kinds) != 1 or "labels" not in arrays:
        names = ", ".join((*arrays, *unread)) or "nothing"
        raise SweeperError(f"{path}: needs labels and either images or embeddings, holds {names}")
    try:
        inputs = _inputs(kinds[0], arrays[kinds[0]])
    except ValueError as error:
        raise SweeperError(f"{path}: {kinds[0]}: {error}") from None
    for name in ("labels", "groups", "split"):
        if name in arrays and arrays[name].shape != (len(inputs),):
            raise SweeperError(
                f"{path}: {name}: shape {list(arrays[name].shape)}, "
                f"but {kinds[0]} need [{len(inputs)}]"
            )
    labels, class_names = _labels(path, arrays)
    require_two_classes(class_names, str(path))
    groups = parts = None
    group_names: tuple[str, ...] = ()
    if "groups" in arrays:
        groups, group_names = encode(_texts(path, "groups", arrays["groups"]))
    if "split" in arrays:
        words = _texts(path, "split", arrays["split"])
        if unknown := sorted({word for word in words if not is_part(word)}):
            raise SweeperError(f"{path}: split: {unknown[0]!r} is none of {', '.join(PARTS)}")
        parts = part_numbers(words)
    notes = (f"arrays that are not read: {', '.join(unread)}",) if unread else ()
    return RawDataset(
        origin(path),
        labels,
        class_names,
        inputs,
        groups,
        parts,
        group_names,
        notes=notes,
        sample_names=np.arange(len(labels)),
    )


def _read(path: Path) -> tuple[dict[str, _Array], tuple[str, ...]]:
    """Return the arrays by their names in lower case, and the names of those that are not read."""
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("it is a single array")
            names = {name: name.lower() for name in file.files}
            if len(set(names.values())) < len(names):
                raise ValueError("two arrays have one name but for the case of letters")
            return {low: file[name] for name, low in names.items() if low in _ALLOWED}, tuple(
                name for name, low in names.items() if low not in _ALLOWED
            )
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        why = str(error) or type(error).__name__
        raise SweeperError(
            f"cannot read {path} as an .npz of plain arrays ({why}); write it with numpy.savez"
        ) from None


def _inputs(name: str, array: _Array) -> Tensor:
    if not len(array.shape) or not len(array):
        raise ValueError("empty")
    if name == "images":
        if array.dtype != np.uint8:
            raise ValueError(f"type {array.dtype}, but uint8 is needed, 0 to 255")
        return to_images(array)
    return to_embeddings(array)


def _labels(path: Path, arrays: dict[str, _Array]) -> tuple[Tensor, tuple[str, ...]]:
    texts = _texts(path, "labels", arrays["labels"])
    if "class_names" not in arrays:
        return encode(texts)
    names = arrays["class_names"]
    if names.ndim != 1 or len(set(class_names := _texts(path, "class_names", names))) < len(names):
        raise SweeperError(f"{path}: class_names: a list of different names is needed")
    if arrays["labels"].dtype.kind not in "iu":
        raise SweeperError(f"{path}: labels: with class_names they must be whole numbers from 0")
    labels = torch.from_numpy(arrays["labels"].astype(np.int64))
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise SweeperError(
            f"{path}: labels: {int(labels.min())} to {int(labels.max())}, "
            f"but class_names has {len(class_names)}"
        )
    return labels, tuple(class_names)


def _texts(path: Path, name: str, array: _Array) -> list[str]:
    try:
        return to_texts(array)
    except ValueError as error:
        raise SweeperError(f"{path}: {name}: {error}") from None
