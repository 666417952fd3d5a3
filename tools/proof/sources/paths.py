"""Where the data of the outside proof are kept: beside the user's other data sets."""

from pathlib import Path

from sweeper.data.paths import data_root


def folder() -> Path:
    """Return the folder of the data and of the packages that they are made from."""
    return data_root() / "proof"


def file_of(name: str) -> Path:
    """Return the path of a made data set's .npz file, whether it exists or not."""
    return folder() / f"{name}.npz"
