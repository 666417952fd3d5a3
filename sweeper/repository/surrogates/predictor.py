"""A surrogate fitted to a whole repository, and distances to its tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError
from sweeper.repository.gains import TooLittleError, gains
from sweeper.repository.plan import Plan
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import Constant, Fitted, Surrogate
from sweeper.repository.surrogates.design_matrix import Compression, Design, FloatArray
from sweeper.repository.surrogates.distance import KnownTasks


@dataclass(frozen=True)
class Predictor:
    """The fitted surrogate of one objective over all tasks of a repository.

    Attributes:
        gains: gains of all settings on all tasks, see `gains.gains`.
        margins: those of settings with margins.
        known: the known tasks.
        surrogate, constant: the chosen surrogate and the constant one, fitted.
    """

    gains: pd.DataFrame
    margins: pd.DataFrame
    known: KnownTasks
    surrogate: Fitted
    constant: Fitted

    def predict(
        self, settings: pd.DataFrame, task: pd.DataFrame, constant: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of compressed gains of settings on a queried task.

        Args:
            settings: columns m1, m2, m3, scale, and lr.
            task: one row, see `query_task`.
            constant: whether to use the constant surrogate.
        """
        rows = self.known.design.rows(settings.assign(task=task["id"].iloc[0]), task)
        return (self.constant if constant else self.surrogate).predict(rows)

    def decompress(self, compressed: FloatArray | float) -> FloatArray:
        """Return the gains for compressed ones."""
        return self.known.design.compression.decompress(np.asarray(compressed, dtype=float))


@lru_cache(maxsize=16)
def fitted(repository: Repository, objective: str, surrogate: Surrogate) -> Predictor:
    """Fit a surrogate to all tasks; cached in memory by the repository's digest.

    Raises:
        UsageError: there is no such objective.
        TooLittleError: no task has plain softmax and a setting with margins, or the tasks have no
            meta-feature in common.
    """
    known_gains = gains(repository.objective(objective), objective)
    margins = known_gains[known_gains["loss"] != "softmax"].reset_index(drop=True)
    if margins.empty:
        raise TooLittleError(f"no task of the repository has {objective} with and without margins")
    if not repository.features:
        raise TooLittleError(
            "the repository's tasks have no meta-feature in common: export it again"
        )
    tasks = repository.tasks[repository.tasks["id"].isin(margins["task"])].reset_index(drop=True)
    design = Design.of(tasks, margins, repository.features, Compression.of(margins))
    rows = design.rows(margins, tasks)
    known = KnownTasks.of(tasks, design)
    return Predictor(known_gains, margins, known, surrogate.fit(rows), Constant().fit(rows))


def query_task(repository: Repository, features: Mapping[str, float], plan: Plan) -> pd.DataFrame:
    """Return a row like those of `Repository.tasks`, for a task without results.

    Raises:
        SweeperError: a meta-feature of the repository's tasks is missing or not finite.
    """
    for name in repository.features:
        if not np.isfinite(features.get(name, np.nan)):
            raise SweeperError(f"the data set has no meta-feature {name!r}: measure it again")
    row: dict[str, object] = dict.fromkeys(("id", "source", "dataset"), "")
    row |= {**plan.row(), "split": "images"}
    row |= {name: float(features[name]) for name in repository.features}
    return pd.DataFrame([row])
