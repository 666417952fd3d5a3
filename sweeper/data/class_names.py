"""Class names in natural order, and class numbers."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from sweeper.errors import SweeperError


def natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that puts ``class 2`` before ``class 10``."""
    pieces = re.findall(r"([0-9]+)|([^0-9]+)", text)
    # Numbers are compared as digits: Python refuses to parse thousands of digits.
    numbers = [(digits.lstrip("0"), other) for digits, other in pieces]
    return [(1, 0, other) if other else (0, len(n), n) for n, other in numbers], text


def encode(values: Iterable[str]) -> tuple[Tensor, tuple[str, ...]]:
    """Return the indices int64 ``[N]`` of texts in their natural order, and the distinct texts."""
    texts = list(values)
    names = tuple(sorted(set(texts), key=natural))
    number = {name: i for i, name in enumerate(names)}
    return torch.tensor([number[text] for text in texts], dtype=torch.int64), names


def similar_names(class_names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of names that look alike.

    They are equal but for case, spaces or Unicode's forms, or are one number: ``01`` and ``1.0``.
    """
    seen: dict[str, str] = {}
    pairs = []
    for name in class_names:
        plain = _plain(unicodedata.normalize("NFKC", name))
        if plain in seen:
            pairs.append((seen[plain], name))
        seen.setdefault(plain, name)
    return tuple(pairs)


def fractional_names(class_names: Sequence[str]) -> list[str]:
    """Return the names that are numbers with decimals, where all names are numbers."""
    if not all(re.fullmatch(r"\s*[-+]?[0-9]*\.?[0-9]+\s*", name) for name in class_names):
        return []
    return [name for name in class_names if re.search(r"\.[0-9]*[1-9]", name)]


def _plain(name: str) -> str:
    if number := re.fullmatch(r"\s*(-?)\+?0*([0-9]+?)(?:\.([0-9]*?)0*)?\s*", name):
        return "{}{}.{}".format(*(piece or "" for piece in number.groups()))
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def require_two_classes(class_names: Sequence[str], where: str) -> None:
    """Raise a SweeperError unless there are at least two classes."""
    if len(class_names) < 2:
        raise SweeperError(
            f"{where}: only one class ({class_names[0]!r}); a classifier needs two or more"
        )
