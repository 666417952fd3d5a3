"""How far a data set is from those that are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.design_matrix import Design, FloatArray


@dataclass(frozen=True)
class Known:
    """The known tasks in the space of their standardized meta-features.

    Distances are root mean squares over the meta-features, in standard deviations.

    Attributes:
        tasks: the known tasks, one row each.
        design: which standardizes.
        places: their meta-features, ``[tasks, p]``.
        limit: the largest distance of a known task to the nearest one of another source. Farther
            than that, leave one source out never showed that anything can be predicted.
    """

    tasks: pd.DataFrame
    design: Design
    places: FloatArray
    limit: float

    @classmethod
    def of(cls, tasks: pd.DataFrame, design: Design) -> "Known":
        """Return the known tasks with their limit; it is 0 where there is one source only."""
        places = design.features_of(tasks)
        sources = tasks["source"].to_numpy()
        distances = cdist(places, places)
        distances[sources[:, None] == sources[None]] = np.inf
        nearest = distances.min(1, initial=np.inf)
        finite = nearest[np.isfinite(nearest)]
        return cls(tasks, design, places, float(finite.max(initial=0.0)))

    def nearest(self, asked: pd.DataFrame) -> pd.DataFrame:
        """Return the known tasks from the nearest, with their `distance`, for one asked task.

        Tasks of one data set are equally far: those with the asked net come first, then those with
        the most similar budget.
        """
        row = asked.iloc[0]
        distance = cdist(self.design.features_of(asked), self.places)[0]
        budget = np.abs(np.log(self.tasks["epochs"].to_numpy(float) / float(row["epochs"])))
        ranked = self.tasks.assign(
            distance=distance, far=distance.round(9), net_=self.tasks["net"] != row["net"], b=budget
        )
        ranked = ranked.sort_values(["far", "net_", "b", "id"], ignore_index=True)
        return ranked.drop(columns=["far", "net_", "b"])

    def too_far(self, distance: float) -> bool:
        """Whether the nearest known task at this distance is farther than the limit."""
        # Rounding must not refuse what is as far as the farthest known one.
        return distance > self.limit * (1 + 1e-9) + 1e-12
