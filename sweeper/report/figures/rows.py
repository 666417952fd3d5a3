"""A study's table prepared for its figures."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.registry.controls import control_loss
from sweeper.registry.losses import loss_options
from sweeper.report.figures.axes import Measure, has
from sweeper.store.queue.causes import is_retryable

#: More points make a figure slow and large without adding visible detail.
MOST_POINTS = 1000


@dataclass(frozen=True)
class FigureRows:
    """A study's trials and controls with `value` and `spread` in the units of the axis.

    Of each loss one control: the one at its best learning rate.
    """

    complete: pd.DataFrame
    pruned: pd.DataFrame
    controls: pd.DataFrame
    failed: int

    @classmethod
    def of(cls, table: pd.DataFrame, measure: Measure) -> "FigureRows":
        """Split the rows of a table by state."""
        objective, deviation = measure.objective, f"{measure.objective}_std"
        table = table.copy()
        for column in (objective, deviation):
            if column not in table:  # nothing was measured yet
                table[column] = np.nan
        for name, option in loss_options().items():
            if name not in table:  # no trial differs from the default
                table[name] = np.where(has(table, name), option.default, np.nan)
        table["value"] = measure.factor * table[objective].astype(float)
        table["spread"] = measure.factor * table[deviation].astype(float)
        numbered, measured = table["number"].notna(), table["value"].notna()
        retryable = table["cause"].fillna("").map(is_retryable).astype(bool)
        failed = (table["state"] == "failed") & ~retryable
        complete = measured & (table["state"] == "complete")
        return cls(
            table[numbered & complete].copy(),
            table[numbered & measured & (table["state"] == "pruned")],
            _best_controls(table[~numbered & complete], measure),
            int((numbered & failed).sum()),
        )

    def best(self, measure: Measure, count: int = 1) -> pd.DataFrame:
        """Return the best complete trials, best first."""
        order = measure.cost(self.complete["value"]).sort_values(kind="stable").index
        return self.complete.loc[order[:count]]

    def summary(self, seeds: int) -> str:
        """Return the number of trials by state, and the meaning of the error bars."""
        drawn = f" ({MOST_POINTS:,} drawn)" if len(self.complete) > MOST_POINTS else ""
        counts = [f"{len(self.complete):,} complete{drawn}"]
        counts += [f"{len(self.pruned):,} pruned"] if len(self.pruned) else []
        counts += [f"{self.failed:,} failed"] if self.failed else []
        over = f"mean ± standard deviation of {seeds} seeds" if seeds > 1 else "one seed, no spread"
        return f"{', '.join(counts)} · {over}"


def _best_controls(rows: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return the control of each loss whose learning rate suits it best."""
    order = measure.cost(rows["value"]).sort_values(kind="stable").index
    best = rows.loc[order, "control"].map(control_loss).drop_duplicates().index
    return rows.loc[sorted(best)]


def thinned(rows: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return at most `MOST_POINTS` rows: half of them the best, half spread over the rest."""
    if len(rows) <= MOST_POINTS:
        return rows
    order = measure.cost(rows["value"]).sort_values(kind="stable").index
    best, rest = order[: MOST_POINTS // 2], order[MOST_POINTS // 2 :]
    picked = np.linspace(0, len(rest) - 1, MOST_POINTS - len(best)).round().astype(int)
    return rows.loc[best.append(rest[picked])].sort_index()
