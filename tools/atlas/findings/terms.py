"""What center and σ²R loss gain beside softmax and beside ArcFace."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sweeper.repository.terms import gains


def term_gains(table: pd.DataFrame, objectives: Iterable[str]) -> pd.DataFrame:
    """Return what a term beside a loss gains over the loss alone, with the same margins and seeds.

    One row per task, loss, term, λ and objective: `gain` (mean over seeds, paired), `se`; and under
    the λ `chosen` what the best of all λ gains, chosen on half of the seeds and scored on the rest.

    Args:
        table: see `tools.atlas.measures`.
        objectives: which.
    """
    rows = []
    for objective in objectives:
        found = gains.term_gains(table, objective)
        for (task, loss, term), own in found.groupby(["task", "loss", "term"]):
            odd, even = own["gain_b"].to_numpy(), own["gain_a"].to_numpy()
            chosen = (odd[even.argmax()] + even[odd.argmax()]) / 2
            common = {"task": task, "loss": loss, "term": term, "objective": objective}
            rows.append({**common, "lambda": "chosen", "gain": chosen, "se": np.nan})
            each = own[["lambda", "gain", "se"]].to_numpy(float)
            rows += [{**common, "lambda": f"{w:g}", "gain": gain, "se": se} for w, gain, se in each]
    return pd.DataFrame(rows)
