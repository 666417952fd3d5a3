"""What is gained on each task by choosing well, and which scale is best without margins."""

import numpy as np
import pandas as pd

from sweeper.repository.best_known import best_gain, comparable
from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from tools.atlas.findings.about import about, described, without_margins


def tuned(repository: Repository, objective: str) -> pd.DataFrame:
    """Return what is gained on each task by choosing, on half of the seeds and scored on the rest.

    One row per task: the gain over plain softmax of the best of all settings (`all`) and of the
    best without margins (`scale alone`), with `source` and `classes`.
    """
    measured = gains(repository, objective)
    measured = measured.merge(about(repository).drop(columns="source"), on="task")
    rows = []
    for task, own in measured.groupby("task"):
        kept = comparable(own)
        rows.append(
            {
                "task": task,
                "source": own["source"].iloc[0],
                "classes": own["classes"].iloc[0],
                "num_classes": own["num_classes"].iloc[0],
                "all": best_gain(kept),
                "scale alone": best_gain(without_margins(kept)),
            }
        )
    return pd.DataFrame(rows)


def best_scales(repository: Repository, objective: str) -> pd.DataFrame:
    """Return the best scale without margins on each task, and the range that is as good.

    One row per task: `best`, `low` and `high` (scales whose score lies within two standard errors
    of the best's), `source`, `classes`, `num_classes`.
    """
    means = described(repository, objective)
    rows = []
    for (task, lr), own in without_margins(means).groupby(["task", "lr"]):
        top = own.iloc[int(own["score"].to_numpy().argmax())]
        near = own[own["score"] + 2 * np.hypot(own["se"], top["se"]) >= top["score"]]
        rows.append(
            {
                "task": task,
                "lr": lr,
                "best": top["scale"],
                "low": near["scale"].min(),
                "high": near["scale"].max(),
                **{name: top[name] for name in ("source", "classes", "num_classes")},
            }
        )
    return pd.DataFrame(rows)
