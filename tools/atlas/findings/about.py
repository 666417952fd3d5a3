"""Tasks and settings as the findings need them."""

import numpy as np
import pandas as pd
from scipy.stats import t

from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.paired_tests import by_source, mean_over_sources
from sweeper.repository.gains import PRIOR_DEGREES, setting_means
from sweeper.repository.records import Repository

#: Bounds of the groups of tasks by the number of classes trained on.
FEW, MANY = 10, 25
GROUPS = (f"2 to {FEW}", f"{FEW + 1} to {MANY}", f"more than {MANY}")

#: Confidence of an interval of one task.
CONFIDENCE = 0.95

_POINT = ("m1", "m2", "m3", "scale")


def about(repository: Repository) -> pd.DataFrame:
    """Return one row per task: `task`, `source`, `net`, `num_classes`, group `classes`, budget."""
    tasks = repository.tasks[["id", "source", "num_classes", "net", "epochs", "num_train"]]
    tasks = tasks.rename(columns={"id": "task"})
    classes = pd.cut(tasks["num_classes"], [0, FEW, MANY, np.inf], labels=list(GROUPS))
    return tasks.assign(classes=classes.astype(str))


def described(repository: Repository, objective: str) -> pd.DataFrame:
    """Return `setting_means` with what is known of the tasks."""
    return setting_means(repository, objective).merge(about(repository), on="task")


def at(means: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Return the rows of a point of margins and scale, whatever loss names it."""
    same = (means["loss"] != "softmax").to_numpy(copy=True)
    for name in _POINT:
        same &= np.isclose(means[name], getattr(setting, name), rtol=1e-6)
    return means[same]


def without_margins(means: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of normalized softmax."""
    bare = (means["m1"] == 1) & (means["m2"] == 0) & (means["m3"] == 0)
    return means[bare & (means["loss"] != "softmax")]


def with_interval(rows: pd.DataFrame, effect: pd.Series, noise: pd.Series) -> pd.DataFrame:
    """Return effects with their intervals: `effect`, `low`, `high`, and a `verdict`.

    Helps or hurts where the interval leaves out 0, else a dash. Student's t has the degrees of the
    moderated variance, see `repository.measured`.
    """
    wide = noise * t.ppf((1 + CONFIDENCE) / 2, rows["seeds"] - 1 + PRIOR_DEGREES)
    names = ["task", "lr", "source", "classes", "num_classes"]
    table = rows[names].assign(effect=effect, low=effect - wide, high=effect + wide)
    verdict = np.select([table["low"] > 0, table["high"] < 0], ["helps", "hurts"], "–")
    return table.assign(verdict=verdict)


def over_sources(table: pd.DataFrame, column: str) -> tuple[float, float]:
    """Return mean and standard error of a column over sources, each the mean of its tasks."""
    kept = table.dropna(subset=column)
    mean = mean_over_sources(by_source(kept[column].to_numpy(), kept["source"].to_numpy()))
    return mean.mean, mean.se
