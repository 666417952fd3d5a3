"""The table of a study's settings: mean, spread and interval of each."""

import math

import pandas as pd
from scipy import stats

from sweeper.console import count
from sweeper.registry.hyperparameters import OPTIMIZER, TERM_LR
from sweeper.registry.losses import LOSSES
from sweeper.registry.measures import about
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.objectives import is_share
from sweeper.report.controls import controls_are
from sweeper.report.page import numbers
from sweeper.report.page.reported import Reported
from sweeper.report.page.text_table import TextTable
from sweeper.report.study_results import ResultRow

#: Rows that a page shows; the CSV has all.
_SHOWN = 60


def settings_table(study: Reported) -> TextTable:
    """Return all complete trials and controls with their measures.

    The interval is that of the mean over seeds, by the t-distribution, at 95 %.
    """
    shown = [*study.rows[:_SHOWN], *(r for r in study.rows[_SHOWN:] if r.record.control)]
    rates = _varying_rates(study.rows)
    measures = study.outcome.measures
    first = f"95 % interval of the mean {study.objective}"
    header = ("trial", "setting", *rates, *measures, first, "seeds")
    rows = [
        (
            row.label,
            row.record.setting.describe(),
            *(_number(row, name) for name in rates),
            *(numbers.with_spread(m, row.values[m], row.spread[m]) for m in measures),
            _interval(study.objective, row),
            str(len(row.record.seeds)),
        )
        for row in shown
    ]
    split = study.outcome.summary.study.split
    notes = [f"Mean ± standard deviation over seeds, on {split} data."]
    notes += [f"{name}: {about(name)}." for name in measures if name not in ("accuracy",)]
    pairs = {row.record.setting.loss for row in study.rows}
    pairs = {loss for loss in pairs if not LOSSES[loss].has_classes}
    if pairs:
        named = ", ".join(sorted(pairs))
        notes.append(f"{named}: no classifier, so accuracy is that of the nearest class mean.")
    if study.spec.kind == "search" and len(study.outcome.complete) > 1:
        notes.append(
            f"The first is selected among {count(len(study.outcome.complete), 'trial')} on the "
            f"figures shown, so chance flatters it; the controls are {controls_are(study.spec)}."
        )
    unused = [name for name in TERM_LR if name in study.table and study.table[name].isna().all()]
    frame = study.table.drop(columns=["options", *unused])
    hidden = len(study.rows) - len(shown)
    numeric = frozenset(header) - {"trial", "setting"}
    return TextTable("trials", "Settings", header, rows, numeric, frame, notes, hidden)


def seeds_frame(study: Reported) -> pd.DataFrame:
    """Return one row per trial, seed and measure: what all else is computed from."""
    records = [
        {
            "trial": row.label,
            "setting": row.record.setting.describe(),
            "lr": row.record.setting.lr,
            "seed": seed.seed,
            "measure": measure,
            "value": value,
        }
        for row in (*study.outcome.trials, *study.outcome.every_control)
        for seed in row.record.seeds
        for measure, value in seed.values.items()
    ]
    return pd.DataFrame(records, columns=["trial", "setting", "lr", "seed", "measure", "value"])


def _varying_rates(rows: list[ResultRow]) -> list[str]:
    """Return the hyperparameters of the optimizer that differ; settings in words leave them out."""
    names = [name for name in all_hyperparameters() if name in (*OPTIMIZER, *TERM_LR)]
    # One that a setting does not have is NaN, always the same object.
    values = {name: {row.record.setting.get(name, math.nan) for row in rows} for name in names}
    return [name for name in names if len(values[name]) > 1]


def _number(row: ResultRow, name: str) -> str:
    value = row.record.setting.get(name, math.nan)
    return "" if math.isnan(value) else f"{value:g}"


def _interval(objective: str, row: ResultRow) -> str:
    """Return the interval; of seeds that agree to the last digit none: that is chance."""
    mean, spread, seeds = row.values[objective], row.spread[objective], len(row.record.seeds)
    if math.isnan(spread) or not spread:
        return "–"
    reach = float(stats.t.ppf(0.975, seeds - 1)) * spread / math.sqrt(seeds)
    low, high = mean - reach, mean + reach
    if is_share(objective):  # of two seeds it may reach beyond what is possible
        low, high = max(low, 0.0), min(high, 1.0)
    ends = (numbers.value(objective, end) for end in (low, high))
    return " to ".join(ends).replace(" %", "", 1)
