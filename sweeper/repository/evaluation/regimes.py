"""The regimes of training whose tasks are left out together."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_LONGEST, _LONG = 300_000, 50_000
_MANY_CLASSES, _FEW_CLASSES, _MANY_IMAGES = 400, 6, 300

_Holds = Callable[[pd.DataFrame], pd.Series]

#: Which tasks are of each.
REGIMES: dict[str, _Holds] = {
    f"{_LONGEST:,} samples and more": lambda tasks: tasks["samples"] >= _LONGEST,
    f"from scratch, {_LONG:,} samples and more": lambda tasks: (
        (tasks["start"] == "scratch") & (tasks["samples"] >= _LONG)
    ),
    f"{_MANY_CLASSES} classes and more": lambda tasks: tasks["num_classes"] >= _MANY_CLASSES,
    "frozen features": lambda tasks: tasks["start"] == "frozen",
    f"up to {_FEW_CLASSES} classes of {_MANY_IMAGES} images and more": lambda tasks: (
        (tasks["num_classes"] <= _FEW_CLASSES)
        & (tasks["num_train"] >= _MANY_IMAGES * tasks["num_classes"])
    ),
}


def of_regime(name: str, tasks: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which tasks are of a regime, ``[T]``."""
    return REGIMES[name](tasks).to_numpy(bool)
