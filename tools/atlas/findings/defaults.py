"""How the defaults in use and the formulas fare."""

import pandas as pd

from sweeper.repository.baselines import PLAIN_SOFTMAX, baselines
from sweeper.repository.best_known import comparable
from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from tools.atlas.findings.about import about, at, over_sources, with_interval
from tools.atlas.findings.optimum import tuned


def defaults(repository: Repository, objective: str) -> pd.DataFrame:
    """Return how every default and formula fares: a row each, means over sources.

    `gain` over plain softmax and its standard error `se`, `regret` to the best known setting,
    `worse` and `better` (tasks on which its interval lies below or above plain softmax), `tasks`.
    """
    measured = gains(repository, objective)
    measured = measured.merge(about(repository).drop(columns="source"), on="task")
    known = tuned(repository, objective).set_index("task")["all"]
    embedding = repository.tasks.set_index("id")["embedding"]
    rows: dict[str, list[pd.DataFrame]] = {}
    for task, own in measured.groupby("task"):
        kept = comparable(own)
        classes = int(own["num_classes"].iloc[0])
        named = baselines(classes, max(2, int(embedding[task])), 1e-3, 0.0)
        for name, setting in named.items():
            if name == PLAIN_SOFTMAX:
                continue
            found = at(kept, setting)
            if len(found):
                one = with_interval(found, found["gain"], found["gain_se"])
                rows.setdefault(name, []).append(one.assign(regret=known[task] - one["effect"]))
    summary = []
    for name, parts in rows.items():
        table = pd.concat(parts)
        gain, regret = over_sources(table, "effect"), over_sources(table, "regret")
        summary.append(
            {
                "name": name,
                "gain": gain[0],
                "se": gain[1],
                "regret": regret[0],
                "regret_se": regret[1],
                "better": int((table["verdict"] == "helps").sum()),
                "worse": int((table["verdict"] == "hurts").sum()),
                "tasks": len(table),
            }
        )
    return pd.DataFrame(summary)
