"""The words that folders, columns and arrays use for the parts of a given split."""

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


def is_part(word: str) -> bool:
    """Whether a word names a part of a given split."""
    return word.lower() in PARTS


def part_number(word: str) -> int:
    """Return TRAIN, VALIDATION or TEST; KeyError for a word that names no part."""
    return PARTS[word.lower()]


def part_numbers(words: Iterable[str]) -> Tensor:
    """Number the parts that words name, uint8 ``[N]``; KeyError for a word that names none."""
    return torch.tensor([part_number(word) for word in words], dtype=torch.uint8)
