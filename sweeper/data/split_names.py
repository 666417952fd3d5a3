"""The names of the parts of a predefined split in folders, columns and arrays."""

import re
from collections.abc import Iterable

import torch
from torch import Tensor

from sweeper.data.dataset import TEST, TRAIN, VALIDATION

#: In lower case; matching ignores case.
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
#: Further words for test images, the first two of retrieval benchmarks; on its own, a column or
#: folder with such a name could also be a class.
_FURTHER = dict.fromkeys(("query", "gallery", "eval", "evaluation", "holdout"), TEST)
#: What a part's name may end in without a sign between: ``trainset``, ``testdata``.
_ENDINGS = ("set", "data", "images", "imgs", "split")


def is_part(word: str) -> bool:
    """Return True if a word names a part of a split."""
    return word.lower() in PARTS


def part_number(word: str) -> int:
    """Return TRAIN, VALIDATION or TEST. Raise KeyError for any other word."""
    return PARTS[word.lower()]


def part_numbers(words: Iterable[str]) -> Tensor:
    """Return the parts that words name, uint8 ``[N]``. Raise KeyError for any other word."""
    return torch.tensor([part_number(word) for word in words], dtype=torch.uint8)


def part_within(name: str) -> int | None:
    """Return the part that a folder's name mentions, or None unless it mentions exactly one.

    ``training_set``, ``trainset``, ``seg_train``, ``train2017``, ``bounding_box_train`` and
    ``TestImages`` do; ``trainers`` and ``contest`` do not.
    """
    pieces = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    words = PARTS | _FURTHER
    words |= {word + ending: part for word, part in words.items() for ending in _ENDINGS}
    parts = {words[piece.lower()] for piece in pieces if piece.lower() in words}
    return parts.pop() if len(parts) == 1 else None
