"""How much each known task can say on a plan: by its length, its seeds and its noise."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.repository.plan import Plan

#: A task that saw so many times more or fewer samples than the plan counts by exp(-1/2) of one that
#: saw as many.
LENGTH = 3.0

#: Lengths further away than so many of these factors are all as far.
FARTHEST = 4.0

#: How far results with another net on the same data are trusted, beside those with the plan's own.
OTHER_NET = 0.5


@dataclass(frozen=True)
class OwnTasks:
    """Ids of known tasks that are nearer to the user than the others.

    Attributes:
        own: those of the user's database: its searches, and what was imported into it.
        same: those on the very data that are asked about, of any origin.
    """

    own: frozenset[str] = frozenset()
    same: frozenset[str] = frozenset()

    def note(self, weights: pd.Series) -> tuple[str, ...]:
        """Return a note on how much these tasks count, if there are any.

        Args:
            weights: of all tasks in what is predicted, by their ids.
        """
        own, same = (sorted(ids & set(weights.index)) for ids in (self.own, self.same))
        said = []
        if own:
            tasks = "the task" if len(own) == 1 else f"the {len(own)} tasks"
            said.append(f"{tasks} of your database: {share_of(weights, own):.0%}")
        if same:
            tasks = "the task" if len(same) == 1 else f"the {len(same)} tasks"
            said.append(f"{tasks} on these very data: {share_of(weights, same):.0%}")
        return (f"shares in the prediction: {', '.join(said)}",) if said else ()


def task_weights(
    tasks: pd.DataFrame, gains: pd.DataFrame, plan: Plan, same: Collection[str] = ()
) -> pd.Series:
    """Return the weight of each task in what is predicted for a plan, in (0, 1].

    The product of how near the samples that it saw are to the plan's, and of the share of the
    variance of its gains that is not noise of its seeds. Where the very data were measured, all
    other tasks count less, the more so the better: a search on them with the plan's length and
    several seeds outweighs the others, a short trial run leaves them nearly as they are.

    Args:
        tasks: the known tasks, one row each.
        gains: of their settings, see `gains.gains`: `task`, `loss`, `gain` and `se`.
        plan: what is predicted for.
        same: ids of the tasks that are on the very data.

    Returns:
        The weights by the ids of the tasks, in their order.
    """
    away = np.log(tasks["samples"].to_numpy(float) / plan.samples) / np.log(LENGTH)
    length = np.exp(-0.5 * np.minimum(np.abs(away), FARTHEST) ** 2)
    weights = pd.Series(length, index=pd.Index(tasks["id"])) * _reliability(tasks, gains)
    own = tasks["id"].isin(list(same)) & (tasks["start"] == plan.start)
    if own.any():
        net = np.where(tasks["net"] == plan.net, 1.0, OTHER_NET)
        trust = float((weights.to_numpy() * net)[own.to_numpy()].max())
        # Never 0: at settings that were not measured on these data the others say more.
        rest = max(1.0 - trust, 1.0 / 16.0) ** 2
        weights = weights.where(own.to_numpy(), weights * rest)
    return weights


def _reliability(tasks: pd.DataFrame, gains: pd.DataFrame) -> pd.Series:
    """Return the share of the variance of each task's gains that is not noise, in (0, 1].

    The variance of true gains is the typical one of all tasks, by the median so that settings that
    collapse do not count, since that of one task with a few noisy settings cannot be told.
    """
    margins = gains[gains["loss"] != "softmax"]
    middle = margins.groupby("task")["gain"].transform("median")
    # The median absolute deviation of a normal distribution is 0.6745 of its standard deviation.
    true = (float((margins["gain"] - middle).abs().median()) / 0.6745) ** 2 if len(margins) else 0.0
    noise = (margins["se"] ** 2).groupby(margins["task"]).mean()
    noise = noise.reindex(tasks["id"]).fillna(float(noise.median()) if len(noise) else 0.0)
    true = max(true, 1e-12)
    return true / (true + noise)


def share_of(weights: pd.Series, chosen: Collection[str]) -> float:
    """Return which share of all weight some tasks have, from 0 to 1."""
    return float(weights[weights.index.isin(list(chosen))].sum() / weights.sum())
