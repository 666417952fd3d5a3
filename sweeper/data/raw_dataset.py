"""Data sets as loaders return them, with labels in memory but image files not yet read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.images.files import ImageFile


@dataclass(frozen=True)
class RawDataset:
    """A data set whose image files may not have been read yet.

    Attributes:
        source: as in ``Dataset``.
        labels: int64 ``[N]``, from 0 to C - 1.
        class_names: one name per class.
        inputs: uint8 ``[N, C, H, W]``, float32 ``[N, d]``, or N image files.
        groups: int64 ``[N]`` or None.
        parts: uint8 ``[N]`` of TRAIN, VALIDATION and TEST, or None.
        group_names: as in ``Dataset``.
        made_from: as in ``Dataset``.
        remark: as in ``Dataset``.
        notes: as in ``Dataset``.
        sample_names: as in ``Dataset``.
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
    notes: tuple[str, ...] = ()
    sample_names: NDArray[Any] | None = None
