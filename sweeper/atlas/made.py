"""Data of the atlas that are made by `tools/atlas`, and lie beside the user's other data."""

from pathlib import Path

from sweeper.data.found import data_root

#: The folder below the data root.
_FOLDER = "atlas"


def file_of(name: str) -> Path:
    """Return the .npz of data that were made, whether it is there or not."""
    return data_root() / _FOLDER / f"{name}.npz"
