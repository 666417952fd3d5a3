"""What center and σ²R loss gain beside softmax and beside ArcFace."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sweeper.repository.columns import SETTING
from sweeper.repository.objectives import score


def term_gains(table: pd.DataFrame, objectives: Iterable[str]) -> pd.DataFrame:
    """Return what a term beside a loss gains over the loss alone, with the same margins and seeds.

    One row per task, loss, term, λ and objective: `gain` (mean over seeds, paired), `se`; and under
    the λ `chosen` what the best of all λ gains, chosen on half of the seeds and scored on the rest.

    Args:
        table: see `tools.atlas.measures`.
        objectives: which.
    """
    point = ["task", "loss", *SETTING[1:]]
    alone = table[table["term"] == ""]
    # ArcFace is the combined loss with one margin, as which the design has it.
    alone = alone.assign(loss=alone["loss"].replace("combined", "arcface"))
    rows = []
    for objective in objectives:
        pairs = table[table["term"] != ""].merge(
            alone[[*point, "seed", objective]], on=[*point, "seed"], suffixes=("", "_alone")
        )
        pairs = pairs.dropna(subset=[objective, f"{objective}_alone"])
        difference = score(objective, pairs[objective].to_numpy()) - score(
            objective, pairs[f"{objective}_alone"].to_numpy()
        )
        pairs = pairs.assign(gain=difference)
        for (task, loss, term), own in pairs.groupby(["task", "loss", "term"]):
            by_seed = own.pivot_table(index="lambda", columns="seed", values="gain").dropna()
            if len(by_seed) < 2 or by_seed.shape[1] < 2:
                continue
            values = by_seed.to_numpy()
            odd, even = values[:, 1::2].mean(1), values[:, ::2].mean(1)
            chosen = (odd[even.argmax()] + even[odd.argmax()]) / 2
            common = {"task": task, "loss": loss, "term": term, "objective": objective}
            rows.append({**common, "lambda": "chosen", "gain": chosen, "se": np.nan})
            for weight, gained in zip(by_seed.index, values, strict=True):
                se = float(gained.std(ddof=1) / np.sqrt(len(gained)))
                rows.append({**common, "lambda": f"{weight:g}", "gain": gained.mean(), "se": se})
    return pd.DataFrame(rows)
