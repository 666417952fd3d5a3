"""The words that folders, columns and arrays use for the parts of a given split."""

import re
from collections.abc import Iterable

import torch
from torch import Tensor

from sweeper.data.dataset import TEST, TRAIN, VALIDATION

#: In lower case; they are recognized in any.
PARTS = {
    "train": TRAIN,
    "training": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "dev": VALIDATION,
    "test": TEST,
    "testing": TEST,
}
#: Words for test images that retrieval benchmarks use; a column or a folder of that name alone
#: could be a class as well.
_RETRIEVAL = {"query": TEST, "gallery": TEST}


def is_part(word: str) -> bool:
    """Return whether a word names a part of a given split."""
    return word.lower() in PARTS


def part_number(word: str) -> int:
    """Return TRAIN, VALIDATION or TEST; KeyError for a word that names no part."""
    return PARTS[word.lower()]


def part_numbers(words: Iterable[str]) -> Tensor:
    """Number the parts that words name, uint8 ``[N]``; KeyError for a word that names none."""
    return torch.tensor([part_number(word) for word in words], dtype=torch.uint8)


def part_within(name: str) -> int | None:
    """Return the part that a folder's name speaks of, None unless it speaks of exactly one.

    ``training_set``, ``seg_train``, ``train2017``, ``bounding_box_train`` and ``TestImages`` do;
    ``trainers`` and ``contest`` do not.
    """
    pieces = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    words = PARTS | _RETRIEVAL
    parts = {words[piece.lower()] for piece in pieces if piece.lower() in words}
    return parts.pop() if len(parts) == 1 else None
