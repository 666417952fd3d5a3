"""The subset grammar ``name[key=value, ...]``: parsing and formatting.

=============  ======================================================================= ``classes``
``0-4``, ``0+3+7``, ``0-4+8``, or class names sets with ``+``; a number is a
               class name if one matches, otherwise a position from 0
``per_class``  images per class, not counting a predefined test part ``imbalance``  ratio of the
largest to the smallest class size, at least 1 ``noise``      fraction of training labels replaced
by another class, 0 to 1 ``seed``       seed of the choice of images and of the noise ``size`` side
in pixels that image files are resized to and glyphs drawn in ``broken``     ``skip`` ignores
unreadable image files ``script``     for ``glyphs``: ``latin``, ``greek``, ``thai`` or another name
of ``SCRIPTS`` ``fonts``      for ``glyphs``: the path of a folder of fonts, without commas and
brackets =============  =======================================================================
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.errors import UsageError

#: A longer range of classes is a typo and would fill the memory.
_MAX_RANGE = 100_000
_MAX_SIDE = 1024
_MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Subset:
    """The content of the brackets; the defaults select everything.

    Attributes:
        classes: class numbers in ascending order, then class names in alphabetical order; empty
            for all classes.
        per_class: images per class outside a predefined test part, or None for all.
        imbalance: ratio of the largest to the smallest class size.
        noise: fraction of training labels that are replaced by another class.
        seed: seed of the choice of images and of the noise.
        size: side in pixels that image files are resized to, or None for the default rule.
        skip_broken: whether to ignore unreadable image files.
        script: the script of glyphs, or None for the default.
        fonts: the folder of fonts for glyphs, or None for the system's fonts.
    """

    classes: tuple[int | str, ...] = ()
    per_class: int | None = None
    imbalance: float = 1.0
    noise: float = 0.0
    seed: int = 0
    size: int | None = None
    skip_broken: bool = False
    script: str | None = None
    fonts: str | None = None

    def without_folders(self) -> "Subset":
        """Return the subset with only the last name of the fonts' path, to show to others."""
        return self if self.fonts is None else replace(self, fonts=Path(self.fonts).name or "/")


def parse(text: str) -> tuple[str, Subset]:
    """Split ``name[key=value, ...]`` into the name and the subset.

    The last opening bracket counts, so that a path with brackets can be followed by a subset.

    Raises:
        UsageError: a bracket is unbalanced, a key is unknown or repeated, or a value is out of
            range.
    """
    text = text.strip()
    name, inside = text, ""
    if "[" in text or "]" in text:
        if "[" not in text or not text.endswith("]"):
            raise UsageError(f"unbalanced bracket in {text!r}; write name[key=value, ...]")
        name, _, inside = text[:-1].rpartition("[")
        name = name.rstrip()
    if not name:
        raise UsageError(f"no data set is named in {text!r}; write name[key=value, ...]")
    if "]" in inside:
        raise UsageError(f"unbalanced bracket in {text!r}; write name[key=value, ...]")
    values: dict[str, object] = {}
    for item in filter(None, (part.strip() for part in inside.split(","))):
        key, equals, value = (part.strip() for part in item.partition("="))
        if key not in _KEYS:
            several = "" if equals else "; several classes are joined by +, as in classes=cat+dog"
            raise UsageError(
                f"unknown key {key!r} in {text!r}; allowed: {', '.join(_KEYS)}{several}"
            )
        field, read, allowed = _KEYS[key]
        if field in values:
            raise UsageError(f"{key} is given twice in {text!r}")
        try:
            if not equals:
                raise ValueError
            values[field] = read(value)
        except ValueError:
            raise UsageError(f"{key}={value} in {text!r}: {key} must be {allowed}") from None
    return name, Subset(**values)  # type: ignore[arg-type]


def format_spec(name: str, subset: Subset) -> str:
    """Return the canonical spec, which ``parse`` turns back into the same name and subset.

    Default values are omitted. A name that itself contains brackets is followed by brackets even if
    the subset is empty, since the last brackets are parsed as the subset.
    """
    empty = Subset()
    items = [
        f"{key}={_format(getattr(subset, field))}"
        for key, (field, _, _) in _KEYS.items()
        if getattr(subset, field) != getattr(empty, field)
    ]
    if not items and not set("[]") & set(name):
        return name
    return f"{name}[{', '.join(items)}]"


def format_classes(classes: Iterable[int | str]) -> str:
    """Format classes in the grammar: runs of numbers as ranges, names unchanged."""
    runs: list[list[int]] = []
    names: list[str] = []
    for item in classes:
        if isinstance(item, str):
            names.append(item)
        elif runs and runs[-1][-1] == item - 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    numbers = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return "+".join(numbers + names)


def _format(value: object) -> str:
    if isinstance(value, tuple):
        return format_classes(value)
    if value is True:
        return "skip"
    if isinstance(value, str):
        return value
    return repr(value).removesuffix(".0")


def _classes(text: str) -> tuple[int | str, ...]:
    numbers: set[int] = set()
    names: set[str] = set()
    for item in (part.strip() for part in text.split("+")):
        if re.fullmatch(r"0[0-9]+", item):
            names.add(item)  # a class name may have leading zeros, which a number would lose
        elif match := re.fullmatch(r"([0-9]+)(?:\s*-\s*([0-9]+))?", item):
            first = int(match[1])
            last = int(match[2] or match[1])
            if not first <= last < first + _MAX_RANGE:
                raise ValueError
            numbers.update(range(first, last + 1))
        elif item:
            names.add(item)
        else:
            raise ValueError
    return (*sorted(numbers), *sorted(names))


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return read


def _real(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high or not math.isfinite(value):
            raise ValueError
        return value + 0.0  # turns -0.0 into 0.0, so that equal subsets have equal specs

    return read


def _script(text: str) -> str:
    if text not in SCRIPTS:
        raise ValueError
    return text


def _path(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _skip(text: str) -> bool:
    if text != "skip":
        raise ValueError
    return True


#: key: (field of Subset, parser that raises ValueError, allowed values), in canonical order.
_KEYS: dict[str, tuple[str, Callable[[str], object], str]] = {
    "classes": ("classes", _classes, "like 0-4, 0+3+7, 0-4+8 or class names sets with +"),
    "per_class": ("per_class", _integer(1, 10**9), "a positive whole number of images"),
    "imbalance": (
        "imbalance",
        _real(1, 1e9),
        "a number from 1, the ratio of the largest to the smallest class",
    ),
    "noise": ("noise", _real(0, 1), "a number from 0 to 1, the fraction of training labels"),
    "seed": ("seed", _integer(0, _MAX_SEED), "a whole number from 0"),
    "size": ("size", _integer(1, _MAX_SIDE), f"pixels per side, from 1 to {_MAX_SIDE}"),
    "broken": ("skip_broken", _skip, "skip"),
    "script": ("script", _script, f"one of {', '.join(SCRIPTS)}"),
    "fonts": ("fonts", _path, "the path of a folder"),
}
