"""What one margin does beside none, task by task."""

import pandas as pd

from sweeper.registry.setting import Setting
from sweeper.repository.records import Repository
from tools.atlas.findings.about import at, described, with_interval

#: One margin more, all else the same: what is compared with normalized softmax at the same scale.
STEPS: dict[str, Setting] = {
    "m2 = −0.2, s = 16": Setting("combined", m2=-0.2, scale=16.0),
    "m2 = 0.2, s = 16": Setting("combined", m2=0.2, scale=16.0),
    "m2 = 0.5, s = 8": Setting("combined", m2=0.5, scale=8.0),
    "m2 = 0.8, s = 16": Setting("combined", m2=0.8, scale=16.0),
    "m2 = 0.5, s = 64": Setting("combined", m2=0.5, scale=64.0),
    "m3 = −0.2, s = 16": Setting("combined", m3=-0.2, scale=16.0),
    "m3 = 0.15, s = 16": Setting("combined", m3=0.15, scale=16.0),
    "m3 = 0.35, s = 8": Setting("combined", m3=0.35, scale=8.0),
    "m3 = 0.5, s = 16": Setting("combined", m3=0.5, scale=16.0),
    "m3 = 0.35, s = 64": Setting("combined", m3=0.35, scale=64.0),
    "m1 = 0.9, s = 16": Setting("combined", m1=0.9, scale=16.0),
    "m1 = 1.15, s = 16": Setting("combined", m1=1.15, scale=16.0),
    "m1 = 1.35, s = 8": Setting("combined", m1=1.35, scale=8.0),
    "m1 = 1.5, s = 16": Setting("combined", m1=1.5, scale=16.0),
    "m1 = 1.35, s = 64": Setting("combined", m1=1.35, scale=64.0),
}


def margin_effects(repository: Repository, objective: str) -> pd.DataFrame:
    """Return what one margin does on each task, beside none at the same scale.

    One row per task, learning rate and step of `STEPS`: `step`, `effect` (a difference of scores),
    `low` and `high` (its interval), `verdict` (helps, hurts or –), `source`, `classes`.
    """
    means = described(repository, objective)
    rows = []
    for step, setting in STEPS.items():
        without = Setting("combined", scale=setting.scale)
        pairs = at(means, setting).merge(
            at(means, without), on=["task", "lr"], suffixes=("", "_without")
        )
        effect = pairs["score"] - pairs["score_without"]
        noise = (pairs["se"] ** 2 + pairs["se_without"] ** 2) ** 0.5
        rows.append(with_interval(pairs, effect, noise).assign(step=step))
    return pd.concat(rows, ignore_index=True)
