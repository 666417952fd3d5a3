"""Where the atlas's data are kept, and how they are written."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.data import Dataset
from sweeper.files import replace_file
from tools.atlas.sources.paths import file_of


def save_features(name: str, features: NDArray[np.float32], dataset: Dataset) -> Path:
    """Write features ``[N, d]`` with the labels, the class names and the groups of a data set."""
    arrays = {
        "embeddings": features.astype(np.float32),
        "labels": dataset.labels.numpy(),
        "class_names": np.array(dataset.class_names),
    }
    if dataset.groups is not None:
        arrays["groups"] = dataset.groups.numpy()
    return save(name, arrays)


def save(name: str, arrays: dict[str, NDArray[np.generic]]) -> Path:
    """Write the arrays of a data set of the atlas; return its path."""
    return write(file_of(name), arrays)


def write(path: Path, arrays: dict[str, NDArray[np.generic]]) -> Path:
    """Write the arrays of an .npz, see `sweeper.data.arrays`; return its path."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    replace_file(path, content.getvalue())
    return path
