"""How much known tasks can say on a plan: by their length, their seeds and their noise."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.console import count
from sweeper.repository.plan import Plan

#: A task that saw so many times more or fewer samples than the plan counts by exp(-1/2) of one that
#: saw as many: three times as many can turn the order of two scales round.
LENGTH = 2.0

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
        own, same = (ids & set(weights.index) for ids in (self.own, self.same))
        within = same <= own
        others = same if within else same - own  # each task in one share, or within the other
        groups = [(own, "your database"), (others, "results on this very data set")]
        if own == same:  # one's own search of these data alone
            groups = [(own, "your results on this very data set")]
        said: list[str] = []
        for ids, where in groups:
            if ids:
                share, comes = share_of(weights, ids), "" if said else " of this prediction comes"
                percent = "under 1" if 0 < share < 0.005 else f"{100 * share:.0f}"
                said.append(f"{percent} %{comes} from {where} ({count(len(ids), 'task')})")
        # What is known of these data is most often the user's own: no share beside the other.
        joint = ", including " if within else " and "
        return (joint.join(said),) if said else ()


def task_weights(
    tasks: pd.DataFrame, gains: pd.DataFrame, plan: Plan, same: Collection[str] = ()
) -> pd.Series:
    """Return how much each task can say on a plan, in (0, 1].

    The product of how near the samples that it saw are to the plan's, and of the share of the
    variance of its gains that is not noise of its seeds. A search on the very data trains on a part
    of them: as many epochs are as near as as many samples.

    Args:
        tasks: the known tasks, one row each.
        gains: of their settings: `task`, `loss`, `gain` and `se`.
        plan: what is predicted for.
        same: ids of the tasks on the very data.

    Returns:
        The weights by the ids of the tasks, in their order.
    """
    by_samples, by_epochs = (
        np.abs(np.log(tasks[name].to_numpy(float) / getattr(plan, name)))
        for name in ("samples", "epochs")
    )
    is_same = tasks["id"].isin(list(same)).to_numpy()
    away = np.where(is_same, np.minimum(by_samples, by_epochs), by_samples) / np.log(LENGTH)
    length = np.exp(-0.5 * np.minimum(away, FARTHEST) ** 2)
    return pd.Series(length, index=pd.Index(tasks["id"])) * _reliability(tasks, gains)


def shares_of_same(
    tasks: pd.DataFrame, weights: pd.Series, plan: Plan, same: Collection[str]
) -> pd.Series:
    """Return the shares of a prediction that tasks on the very data have; the rest is the others'.

    In all they have what the best of them can say: its weight, which is that of its own mean in a
    random-effects model, less for another net and nothing for another start. They share it by
    their weights.

    Args:
        tasks: the known tasks, one row each.
        weights: of these, see `task_weights`.
        plan: what is predicted for.
        same: ids of the tasks on the very data.

    Returns:
        The shares by the ids of the tasks, in their order; 0 of other data. They sum to at most 1.
    """
    net = np.where(tasks["net"] == plan.net, 1.0, OTHER_NET)
    chosen = tasks["id"].isin(list(same)) & (tasks["start"] == plan.start)
    own = (weights * net).where(chosen.to_numpy(), 0.0)
    return own * (own.max() / own.sum()) if chosen.any() else own


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
