"""A map of tasks: those whose data look alike stand close together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from sweeper.repository.records import Repository

#: How far tasks on the same data stand around their place, as a share of the map.
_AROUND = 0.014

#: How many meta-features name an axis.
_NAMES = 3


@dataclass(frozen=True)
class MapAxis:
    """An axis of the map: a principal component of the meta-features.

    Attributes:
        share: of the variance between tasks that it shows.
        high: the meta-features that grow most along it, the strongest first.
        low: those that shrink most.
    """

    share: float
    high: tuple[str, ...]
    low: tuple[str, ...]


@dataclass(frozen=True)
class TaskMap:
    """Where each task stands, in two dimensions.

    Attributes:
        places: x and y by the id of the task.
        axes: of x and of y.
    """

    places: dict[str, tuple[float, float]]
    axes: tuple[MapAxis, MapAxis]


def task_map(repository: Repository) -> TaskMap | None:
    """Return the first two principal components of the standardized meta-features.

    Only the data count, not how a net is trained on them: tasks on the same data stand around one
    place. None if all data are the same, or there are fewer than three tasks.
    """
    names = np.array(repository.features)
    values = repository.tasks[list(names)].to_numpy(float)
    if len(values) < 3 or len(names) < 2 or not np.ptp(values, axis=0).any():
        return None
    standardized = StandardScaler().fit_transform(values)
    found = PCA(2, svd_solver="full").fit(standardized)
    x, y = (
        _axis(names, weights, share)
        for weights, share in zip(found.components_, found.explained_variance_ratio_, strict=True)
    )
    places = _around(found.transform(standardized)).tolist()
    ids = map(str, repository.tasks["id"])
    return TaskMap({task: tuple(place) for task, place in zip(ids, places, strict=True)}, (x, y))


def _axis(names: NDArray[np.str_], weights: NDArray[np.float64], share: float) -> MapAxis:
    order = np.argsort(-weights, kind="stable")
    high = [str(names[i]) for i in order[:_NAMES] if weights[i] > 0]
    low = [str(names[i]) for i in order[::-1][:_NAMES] if weights[i] < 0]
    return MapAxis(float(share), tuple(high), tuple(low))


def _around(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places, with those that are the same moved to a small circle around them."""
    radius = _AROUND * float(np.ptp(places, axis=0).max())
    same = pd.DataFrame(places.round(6)).groupby([0, 1])
    angles = 2 * np.pi * same.cumcount() / same[0].transform("size")
    several = (same[0].transform("size") > 1).to_numpy(float)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.asarray(places + radius * several[:, None] * circle)
