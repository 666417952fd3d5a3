"""What a term beside a loss gained over the loss alone, task by task."""

from typing import Any

import numpy as np
import pandas as pd

from sweeper.repository.columns import SETTING
from sweeper.repository.objectives import score


def term_gains(table: pd.DataFrame, objective: str) -> pd.DataFrame:
    """Return what each λ of each term gained, paired with the loss alone seed by seed.

    One row per task, loss, term and λ: the setting's columns beside the loss; `gain` (mean over the
    seeds that all λ have), `se`, and the means of every other seed, `gain_a` and `gain_b`. Terms
    with a single λ or a single seed on a task are left out.

    Args:
        table: all measures, as ``measures.csv.gz`` of the shipped repository has them: `task`, the
            setting's columns, `term` (empty for a loss alone), `lambda`, `seed`, and one column per
            objective.
        objective: accuracy, retrieval or compactness.
    """
    point = ["task", *SETTING]
    # ArcFace is the combined loss with one margin, as which a design of settings has it.
    one = (table["loss"] == "combined") & (table["m1"] == 1) & (table["m3"] == 0)
    named = table.assign(loss=table["loss"].mask(one, "arcface"))
    alone = named[named["term"] == ""]
    pairs = named[named["term"] != ""].merge(
        alone[[*point, "seed", objective]], on=[*point, "seed"], suffixes=("", "_alone")
    )
    pairs = pairs.dropna(subset=[objective, f"{objective}_alone"])
    own, without = (
        score(objective, pairs[name].to_numpy(float)) for name in (objective, f"{objective}_alone")
    )
    pairs = pairs.assign(gain=own - without)
    key = [*point, "term"]
    by_seed = pairs.groupby([*key, "lambda", "seed"], sort=True)["gain"].mean().unstack("seed")
    rows = []
    for of_term, group in by_seed.groupby(level=key, sort=True):
        values = group.to_numpy()
        values = values[:, np.isfinite(values).all(0)]
        if len(values) < 2 or values.shape[1] < 2:
            continue
        about: dict[str, Any] = dict(zip(key, of_term, strict=True))
        weights = group.index.get_level_values("lambda")
        found = pd.DataFrame({**about, "lambda": weights, "gain": values.mean(1)})
        found["se"] = values.std(1, ddof=1) / np.sqrt(values.shape[1])
        found["gain_a"], found["gain_b"] = values[:, ::2].mean(1), values[:, 1::2].mean(1)
        rows.append(found)
    names = [*point, "term", "lambda", "gain", "se", "gain_a", "gain_b"]
    return pd.concat(rows, ignore_index=True)[names] if rows else pd.DataFrame(columns=names)
