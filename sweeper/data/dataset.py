"""A data set in memory, and its fingerprint."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.images.transform import ImageTransform

TRAIN, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True)
class Dataset:
    """Images or precomputed embeddings with their labels, all in memory.

    Attributes:
        name: the canonical spec that loads it again, ``digits[classes=0-4]`` for example.
        source: origin of the data; data sets with the same source are not independent.
        inputs: uint8 images ``[N, C, H, W]``, or float32 embeddings ``[N, d]``.
        labels: int64 ``[N]``, from 0 to C - 1.
        class_names: one name per class.
        groups: int64 ``[N]`` or None; a split never divides a group.
        parts: uint8 ``[N]`` of TRAIN, VALIDATION and TEST, or None without a predefined split.
        label_noise: fraction of training labels that a split replaces by another class.
        seed: seed of the subset choice and of the label noise.
        group_names: the source's names of groups, for messages; empty if it has none.
        made_from: digest of the files from which images are rendered, such as fonts; empty if the
            images are the data.
        remark: a note for ``sweeper data check``, as a phrase.
        notes: how reading changed the images and what was found in them, one sentence each.
        copies: int64 ``[N]``, the same number for copies of one input, or None without copies or
            without a search for them; a split keeps copies on one side.
        transform: how image files became these images; None for data that come as arrays.
        sample_names: ``[N]``, where each sample comes from: texts, the path below the data set's
            folder or as in its CSV; or whole numbers, the index in an .npz; None for built-in data.
        examples: a few of the samples that notes mean, as texts by subject.
    """

    name: str
    source: str
    inputs: Tensor
    labels: Tensor
    class_names: tuple[str, ...]
    groups: Tensor | None = None
    parts: Tensor | None = None
    label_noise: float = 0.0
    seed: int = 0
    group_names: tuple[str, ...] = ()
    made_from: str = ""
    remark: str = ""
    notes: tuple[str, ...] = ()
    copies: Tensor | None = None
    transform: ImageTransform | None = None
    sample_names: NDArray[Any] | None = None
    examples: Mapping[str, str] = field(default_factory=dict)

    def chosen(self, keep: Tensor) -> Self:
        """Return the data set with the images of a mask ``[N]`` alone, under the same classes."""

        def of(values: Tensor | None) -> Tensor | None:
            return None if values is None else values[keep]

        return replace(
            self,
            inputs=self.inputs[keep],
            labels=self.labels[keep],
            groups=of(self.groups),
            parts=of(self.parts),
            copies=of(self.copies),
            sample_names=None if self.sample_names is None else self.sample_names[keep.numpy()],
        )

    def sample_name(self, position: int) -> str:
        """Return where a sample comes from, for messages; an index in an .npz as ``#7``.

        Raises:
            TypeError: the data set has no names.
        """
        if self.sample_names is None:
            raise TypeError(f"the samples of {self.name} have no names")
        name = self.sample_names[position]
        return name if isinstance(name, str) else f"#{name}"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @property
    def is_images(self) -> bool:
        """Whether the inputs are images, not embeddings."""
        return self.inputs.dtype == torch.uint8

    @property
    def input_shape(self) -> tuple[int, ...]:
        """``(C, H, W)`` of an image, or ``(d,)`` of an embedding."""
        return tuple(self.inputs.shape[1:])

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything that affects training, as 64 hexadecimal digits.

        Names do not. The seed counts only with label noise; its choice of images counts anyway.
        """
        digest = hashlib.sha256()
        for tensor in (self.inputs, self.labels, self.groups, self.parts):
            if tensor is None:
                digest.update(b"none;")
            else:
                digest.update(f"{tensor.dtype}{tuple(tensor.shape)};".encode())
                digest.update(tensor.contiguous().numpy().data.cast("B"))
        seed = self.seed if self.label_noise > 0 else 0
        digest.update(repr((self.class_names, self.label_noise, seed)).encode())
        digest.update(self.made_from.encode())
        return digest.hexdigest()
