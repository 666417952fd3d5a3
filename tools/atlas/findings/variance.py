"""Where the variance of scores comes from."""

import numpy as np
import pandas as pd

from sweeper.repository.columns import SETTING
from sweeper.repository.objectives import score
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.coordinates import FloatArray
from tools.atlas.findings.about import about, described

#: Of the polynomial in ln s that is the scale's part.
_DEGREE = 3


def variance_shares(repository: Repository, objective: str) -> pd.DataFrame:
    """Return where the variance of a task's runs comes from: `scale`, `margins`, `seed`, shares.

    One row per task and learning rate, over the settings with margins or a scale, which have the
    same seeds. The variance of their means beyond what seeds explain is that of the settings; what
    a cubic in ln s explains of it is the scale's (adjusted R²), the rest that of the margins, alone
    and together with the scale.
    """
    results = repository.results[repository.results["objective"] == objective]
    results = results[results["loss"] != "softmax"].copy()
    results["score"] = score(objective, results["value"].to_numpy())
    rows = []
    for (task, lr), own in results.groupby(["task", "lr"]):
        grouped = own.groupby([*SETTING])["score"]
        table = grouped.agg(["mean", "var", "size"]).dropna().reset_index()
        noise = float(np.average(table["var"], weights=table["size"] - 1))
        between = float(table["mean"].var()) - noise / float(table["size"].mean())
        settings = max(0.0, between)
        share = settings * _explained(np.log(table["scale"].to_numpy()), table["mean"].to_numpy())
        total = settings + noise
        if total > 0:
            rows.append(
                {
                    "task": task,
                    "lr": lr,
                    "scale": share / total,
                    "margins": (settings - share) / total,
                    "seed": noise / total,
                }
            )
    return pd.DataFrame(rows).merge(about(repository), on="task")


def task_share(repository: Repository, objective: str) -> float:
    """Return the share of all runs' variance that lies between the tasks' means."""
    means = described(repository, objective)
    means = means[means["loss"] != "softmax"]
    by_task = means.groupby("task")["score"]
    between = float(by_task.mean().var())
    within = float(by_task.var().mean())
    return between / (between + within)


def _explained(x: FloatArray, y: FloatArray) -> float:
    """Return the adjusted R² of a cubic, at least 0."""
    residuals = y - np.polyval(np.polyfit(x, y, _DEGREE), x)
    total = float(((y - y.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    adjusted = 1 - float((residuals**2).sum()) / total * (len(y) - 1) / (len(y) - _DEGREE - 1)
    return max(0.0, adjusted)
