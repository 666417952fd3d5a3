"""A table of meta-features: a line of names and a line of numbers."""

import csv
import math
from pathlib import Path

from sweeper.errors import SweeperError, unknown
from sweeper.repository.meta_features.measure import FEATURES
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.measured import Counted

#: What a table may say of the plan: otherwise it follows from the meta-features.
_COUNTS = ("num_classes", "per_class")


def read_table(path: Path) -> Counted:
    """Read a CSV with the meta-features of one data set.

    The classes and the images of each are in the columns ``num_classes`` and ``per_class``, or
    follow from ``log_classes`` and ``log_images`` or ``log_per_class_mean``.

    Raises:
        SweeperError: it is no such table.
    """
    if path.stat().st_size > limits.MOST_TABLE_BYTES:
        raise SweeperError(
            f"a table of meta-features has two lines, and at most {limits.MOST_TABLE_BYTES >> 10} "
            "KiB; send images as a .zip"
        )
    try:
        lines = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        rows = [row for row in lines if any(map(str.strip, row))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SweeperError(f"it cannot be read as a CSV in UTF-8: {error}") from None
    if not rows:
        raise SweeperError("the table is empty; send a line of names and a line of numbers")
    names = [name.strip() for name in rows[0]]
    if {"path", "label"} <= {name.lower() for name in names}:
        raise SweeperError(
            "a list of paths names files that are not here; send the images as a .zip of a folder "
            "for each class"
        )
    for name in names:
        if name not in (*FEATURES, *_COUNTS):
            raise unknown("meta-feature", name[:100], FEATURES)
    if len(rows) != 2 or len(rows[1]) != len(names) or len(set(names)) < len(names):
        raise SweeperError(
            "a table of meta-features has a line of different names and one line with a number "
            "for each"
        )
    values = {name: _number(name, text.strip()) for name, text in zip(names, rows[1], strict=True)}
    classes = _count(values, "num_classes", "log_classes")
    if {"per_class", "log_per_class_mean"} & values.keys():
        each = _count(values, "per_class", "log_per_class_mean")
    else:
        each = _count(values, "per_class", "log_images") / max(classes, 1.0)
    features = {name: value for name, value in values.items() if name not in _COUNTS}
    return Counted(round(classes), each, features)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SweeperError(f"{name} is {text[:100]!r}; write a number")
    return value


def _count(values: dict[str, float], plain: str, logarithm: str) -> float:
    """Return a count: as it is given, or of its logarithm."""
    if plain in values:
        return values[plain]
    if logarithm in values:
        return math.exp(min(values[logarithm], 100.0))  # more than any count that is answered
    raise SweeperError(f"the table says nothing of {plain}; add a column {logarithm}")
