"""Distances between a data set and the known tasks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.design_matrix import Design, FloatArray


@dataclass(frozen=True)
class KnownTasks:
    """The known tasks in the space of their standardized meta-features.

    Distances are root mean squares over the meta-features, in standard deviations.

    Attributes:
        tasks: the known tasks, one row each.
        design: the design that standardizes them.
        positions: their meta-features, ``[tasks, p]``.
        limit: the largest distance of a known task to the nearest one of another source. Beyond it,
            leave-one-source-out gives no evidence that predictions hold.
    """

    tasks: pd.DataFrame
    design: Design
    positions: FloatArray
    limit: float

    @classmethod
    def of(cls, tasks: pd.DataFrame, design: Design) -> "KnownTasks":
        """Return the known tasks with their limit, which is 0 if there is only one source."""
        positions = design.features_of(tasks)
        sources = tasks["source"].to_numpy()
        distances = cdist(positions, positions)
        distances[sources[:, None] == sources[None]] = np.inf
        nearest = distances.min(1, initial=np.inf)
        finite = nearest[np.isfinite(nearest)]
        return cls(tasks, design, positions, float(finite.max(initial=0.0)))

    def nearest(self, query: pd.DataFrame) -> pd.DataFrame:
        """Return the known tasks by their `distance` to a queried task, nearest first.

        Tasks of one data set are equally far: those with the queried net come first, then those
        that see the most similar number of samples.
        """
        row = query.iloc[0]
        distance = cdist(self.design.features_of(query), self.positions)[0]
        budget = np.abs(np.log(self.tasks["samples"].to_numpy(float) / float(row["samples"])))
        ranked = self.tasks.assign(
            distance=distance, far=distance.round(9), net_=self.tasks["net"] != row["net"], b=budget
        )
        ranked = ranked.sort_values(["far", "net_", "b", "id"], ignore_index=True)
        return ranked.drop(columns=["far", "net_", "b"])

    def too_far(self, distance: float) -> bool:
        """Return True if a nearest task at this distance is beyond the limit."""
        # Rounding must not reject a task exactly at the limit.
        return distance > self.limit * (1 + 1e-9) + 1e-12
