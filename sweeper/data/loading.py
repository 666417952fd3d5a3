"""Loading a data set from its spec."""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from sweeper.data.builtin.glyphs.scripts import DEFAULT
from sweeper.data.dataset import Dataset
from sweeper.data.grammar import Subset, parse
from sweeper.data.images.pixels import ImageSize
from sweeper.data.inspection import inspected, with_note_on_imbalance
from sweeper.data.paths import require_utf8
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.readers import arrays, folder, table
from sweeper.data.subset import apply
from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.files import expand
from sweeper.registry.dataset_info import DatasetInfo
from sweeper.registry.datasets import DATASETS

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


def load(spec: str, size: ImageSize | None = None) -> Dataset:
    """Load a data set, or a subset of it: ``digits``, ``./photos[per_class=100]``.

    A spec is a built-in name or the path of a folder, a CSV or an .npz, with an optional subset in
    brackets. A built-in name takes precedence over a path; write ``./digits`` for the path. A path
    that itself contains brackets is loaded if it exists.

    Args:
        spec: what to load.
        size: of images that come as files, where the spec asks for none; by default they keep
            their own size if it is small and common to all, else they become 32 x 32.

    Returns:
        The data set, with a canonical name: absolute paths, keys in a fixed order, and no default
        values.

    Raises:
        UsageError: a name, key or class is unknown, a value is out of range, or the file type is
            not supported.
        SweeperError: files are missing, broken or do not form a data set.
    """
    require_utf8(spec)
    if set("[]") & set(spec) and os.path.exists(expand(spec)):
        name, subset = spec, Subset()
    else:
        name, subset = parse(spec)
    built_in = DATASETS.get(name)
    _refuse_keys_of_others(name, subset, built_in.keys if built_in else ())
    if built_in:
        subset = _canonical(name, subset)
        keys = {key: getattr(subset, key) for key in built_in.keys}
        loaded = apply(built_in.load(**keys), name, subset, sized="size" in keys)
        return with_note_on_imbalance(loaded)
    path = Path(os.path.abspath(expand(name)))
    require_utf8(path)
    return inspected(apply(_find(name, path, subset), str(path), subset, usual=size))


def _refuse_keys_of_others(name: str, subset: Subset, keys: Collection[str]) -> None:
    for key in ("script", "fonts"):
        if getattr(subset, key) is not None and key not in keys:
            owners = [info.name for info in DATASETS.values() if key in info.keys]
            raise UsageError(f"{key} is for {' or '.join(owners)}, which {name!r} is not")


def _canonical(name: str, subset: Subset) -> Subset:
    """Drop the default script and make the path of the fonts absolute."""
    if subset.script == DEFAULT:
        subset = replace(subset, script=None)
    if subset.fonts is not None:
        path = Path(os.path.abspath(expand(subset.fonts)))
        require_utf8(path)
        if set("[],") & set(str(path)):
            raise SweeperError(
                f"the path {path} has a comma or a bracket, which fonts= cannot hold"
            )
        subset = replace(subset, fonts=str(path))
    return subset


def names() -> list[DatasetInfo]:
    """Return the records of all built-in data sets."""
    return list(DATASETS.values())


def _find(name: str, path: Path, subset: Subset) -> RawDataset:
    # os.path, unlike pathlib, treats a name that is too long as one that does not exist.
    if os.path.isdir(path):
        return folder.load(path)
    if not os.path.exists(path):
        if os.sep in name or name.startswith((".", "~")) or path.suffix in (".csv", ".npz"):
            raise SweeperError(f"there is no file or folder {path}")
        raise unknown("data set", name, DATASETS)
    if path.suffix.lower() == ".csv":
        return table.load(path, skip_missing=subset.skip_broken)
    if path.suffix.lower() == ".npz":
        return arrays.load(path)
    hint = "; unpack it first" if path.suffix.lower() in _ARCHIVES else ""
    raise UsageError(f"{path} is neither a folder nor a .csv or .npz file{hint}")
