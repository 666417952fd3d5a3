"""What a second learning rate changes."""

import pandas as pd

from sweeper.repository.gains import setting_means
from sweeper.repository.records import Repository
from tools.atlas.findings.optimum import tuned


def rates(repository: Repository, objective: str) -> pd.DataFrame:
    """Return what choosing gains at the lower and at the higher of a task's two learning rates.

    Two rows per task that was measured at two, each as `tuned` has it with that rate's results
    alone. Added are `rate` (lower or higher), `softmax` (the score of plain softmax at it) and
    `reached` (that of the best of all settings, plain softmax among them).
    """
    results = repository.results
    results = results[results["objective"] == objective]
    of_task = results.groupby("task")["lr"]
    ends = {"lower": of_task.transform("min"), "higher": of_task.transform("max")}
    several = ends["lower"] < ends["higher"]
    if not several.any():
        return pd.DataFrame()
    tables = []
    for rate, lr in ends.items():
        own = results[several & (results["lr"] == lr)]
        part = Repository(repository.tasks, own.reset_index(drop=True))
        means = setting_means(part, objective)
        plain = means[means["loss"] == "softmax"].set_index("task")["score"]
        table = tuned(part, objective)
        table = table.assign(rate=rate, softmax=table["task"].map(plain))
        tables.append(table.assign(reached=table["softmax"] + table["all"]))
    return pd.concat(tables, ignore_index=True)
