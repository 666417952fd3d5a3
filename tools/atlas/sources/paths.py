"""Where the data that are made for the atlas are kept: beside the user's other data sets."""

from pathlib import Path

from sweeper.data.paths import data_root

#: The folder below the data root.
_FOLDER = "atlas"


def file_of(name: str) -> Path:
    """Return the path of a made data set's .npz file, whether it exists or not."""
    return data_root() / _FOLDER / f"{name}.npz"
