"""A data set as tensors, and what identifies it."""

import hashlib
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

TRAIN, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True)
class Dataset:
    """Images or ready embeddings with their labels, all in memory.

    Attributes:
        name: the canonical text that loads it again, ``digits[classes=0-4]`` for example.
        source: where its images come from; data sets of one source are not independent.
        inputs: uint8 images ``[N, C, H, W]``, or float32 embeddings ``[N, d]``.
        labels: int64 ``[N]``, from 0 to the number of classes less one.
        class_names: one name a class.
        groups: int64 ``[N]`` or None; no group may stand on both sides of a split.
        parts: uint8 ``[N]`` of TRAIN, VALIDATION and TEST where the source gives a split, or None.
        label_noise: the share of training labels that a split replaces by another class.
        seed: seeds the choice of the subset and the label noise.
        group_names: what the source calls group i, for messages; empty where it has no names.
        made_from: a digest of the files that images are drawn from, as of fonts; empty where the
            images are the data.
        remark: what a look at the data set should tell beside numbers, in a phrase.
        notes: what reading did to the images and what was found in them, a sentence each.
        copies: int64 ``[N]``, the same number for copies of one image, or None where there are
            none or nobody looked; the split keeps them on one side.
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
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @property
    def is_images(self) -> bool:
        """Whether the inputs are images; else they are embeddings."""
        return self.inputs.dtype == torch.uint8

    @property
    def input_shape(self) -> tuple[int, ...]:
        """``(C, H, W)`` of an image, or ``(d,)`` of an embedding."""
        return tuple(self.inputs.shape[1:])

    def fingerprint(self) -> str:
        """Return a SHA-256 over all that training can see, as 64 hexadecimal digits.

        Names are not seen, nor is a seed that draws no label noise: what it has chosen is.
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
