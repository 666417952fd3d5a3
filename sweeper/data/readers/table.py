"""CSV files of image paths and labels, with optional groups and split."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sweeper.console import count
from sweeper.data.class_names import encode, require_two_classes
from sweeper.data.images.files import image_file
from sweeper.data.images.notes import first
from sweeper.data.paths import origin
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.split_names import PARTS, is_part, part_numbers
from sweeper.errors import SweeperError, UsageError

_NEEDED = ("path", "label")
_ALLOWED = (*_NEEDED, "group", "split")


def load(path: Path, skip_missing: bool = False) -> RawDataset:
    """List the images of a CSV with a header line, in UTF-8.

    Columns: ``path``, relative to the CSV's folder; ``label``; optionally ``group``, which a split
    never divides; optionally ``split``: train, val or test, or another word of ``PARTS``. Case does
    not matter. The notes name other columns.

    Args:
        path: the CSV.
        skip_missing: whether to ignore missing images.

    Raises:
        UsageError: a column is missing.
        SweeperError: the file cannot be read; a line lacks a value, has too many, has an
            unknown split, or repeats or misses an image; or there is only one class.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _load(path, csv.DictReader(file, strict=True), skip_missing)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SweeperError(f"cannot read {path} as a CSV in UTF-8: {error}") from None


def _load(path: Path, reader: "csv.DictReader[str]", skip_missing: bool) -> RawDataset:
    header = _header(path, reader.fieldnames or ())
    reader.fieldnames = header
    columns: dict[str, list[str]] = {name: [] for name in _ALLOWED if name in header}
    lines: dict[Path, int] = {}
    missing: list[str] = []
    for row in reader:
        location = f"{path} line {reader.line_num}"
        if any(map(str.strip, row.get(None) or ())):
            raise SweeperError(
                f"{location}: more values than columns; put a value with a comma in double quotes"
            )
        values = {name: (row[name] or "").strip() for name in columns}
        for name, value in values.items():
            if not value:
                raise SweeperError(f"{location}: {name} is empty")
            if "\0" in value:  # no database stores it
                raise SweeperError(f"{location}: {name} has a NUL character; write the file anew")
        if not is_part(values.get("split", "train")):
            raise SweeperError(
                f"{location}: split {values['split']!r} is none of {', '.join(PARTS)}"
            )
        image = path.parent / values["path"]
        if image in lines:
            raise SweeperError(f"{location}: {values['path']} is already on line {lines[image]}")
        if not os.path.isfile(
            image
        ):  # unlike Path.is_file, returns False for a name that is too long
            if skip_missing:
                missing.append(values["path"])
                continue
            raise SweeperError(
                f"{location}: no file {image}; correct the path, which is relative to the CSV, "
                "or skip such files with [broken=skip]"
            )
        lines[image] = reader.line_num
        for name, value in values.items():
            columns[name].append(value)
    if not lines:
        raise SweeperError(f"{path}: no images are listed below the header")
    labels, class_names = encode(columns["label"])
    require_two_classes(class_names, str(path))
    groups, group_names = encode(columns["group"]) if "group" in columns else (None, ())
    return RawDataset(
        origin(path),
        labels,
        class_names,
        [image_file(image) for image in lines],
        groups=groups,
        parts=part_numbers(columns["split"]) if "split" in columns else None,
        group_names=group_names,
        notes=(*_unread(header), *_left_out(missing)),
        sample_names=np.array(columns["path"], object),
    )


def _header(path: Path, names: Sequence[str]) -> list[str]:
    """Return the column names, with known ones in lower case."""
    header = [(name or "").strip() for name in names]
    known = [name.lower() if name.lower() in _ALLOWED else name for name in header]
    for name in _ALLOWED:
        if known.count(name) > 1:
            raise UsageError(f"{path} line 1: column {name!r} appears twice; keep one")
    for name in _NEEDED:
        if name not in known:
            raise UsageError(
                f"{path} line 1: no column {name!r} among {', '.join(map(repr, header)) or 'none'};"
                f" needed: path, label; optional: group, split{_other_delimiter(header)}"
            )
    return known


def _other_delimiter(header: Sequence[str]) -> str:
    """Return a hint where the header seems to be separated by something else than commas."""
    if len(header) == 1 and (found := [mark for mark in ";\t|" if mark in header[0]]):
        return f"; columns are separated by commas, not by {found[0]!r}"
    return ""


def _left_out(missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"{count(len(missing), 'listed file')} not there, left out: {first(missing)}",)


def _unread(header: Sequence[str]) -> tuple[str, ...]:
    unread = [name for name in header if name not in _ALLOWED]
    if not unread:
        return ()
    names = ", ".join(map(repr, unread))
    return (f"columns that are not read: {names}; read are path, label, group and split",)
