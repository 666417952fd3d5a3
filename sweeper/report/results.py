"""The results of a study as a table, as CSV and as JSON."""

import csv
import json
import math
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from sweeper.console import count, say
from sweeper.errors import SweeperError
from sweeper.registry.hyperparameters import MARGINS, OPTIMIZER
from sweeper.registry.losses import LOSSES
from sweeper.registry.measures import about
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    DEFAULT_OBJECTIVE,
    MAJORITY_BASELINE,
)
from sweeper.report import confirmed, outlook, tables
from sweeper.report.controls import controls_are
from sweeper.report.imbalance import Accuracies, imbalance_line
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.text import measured
from sweeper.store import is_retryable, kind_of
from sweeper.study.study_file import StudySpec

if TYPE_CHECKING:
    import pandas as pd

#: Maximum number of failed trials listed under a table.
_FAILED_SHOWN = 3
#: Columns that the CSV always has.
_ALWAYS = (*MARGINS, *OPTIMIZER)


def print_table(outcome: StudyResults, limit: int | None = None) -> None:
    """Print the best trials, or all of them, and the controls on standard output."""
    spec = outcome.spec
    rows = outcome.ranked[:limit]
    if not rows and not outcome.controls:
        tables.print_line("no trial is complete yet")
        return
    shown = _varying([*rows, *outcome.controls])
    losses = {row.record.setting.losses for row in outcome.trials} | {
        " + ".join((spec.loss, *spec.beside))
    }
    several = len(losses) > 1
    measures = outcome.measures
    tables.print_table(
        ("", *(["loss"] if several else []), *shown, *measures),
        [_cells(row, shown, measures, several) for row in (*rows, *outcome.controls)],
        numbers=(*shown, *measures),
    )
    for line in _notes(outcome, len(rows)):
        tables.print_line(line)
    published = _published(outcome)
    if published is not None and spec.published is not None:
        tables.print_line(f"\npublished ({spec.published.table}):")
        tables.print_table(
            list(published.columns),
            [[_plain(value) for value in row] for row in published.itertuples(index=False)],
        )


def print_csv(outcome: StudyResults) -> None:
    """Print one line per trial and control as CSV on standard output."""
    measures = outcome.measures
    writer = csv.writer(sys.stdout, lineterminator="\n")
    named = [f"{measure}{end}" for measure in measures for end in ("", "_std")]
    rows = (*outcome.trials, *outcome.every_control)
    present = {
        *_ALWAYS,
        *_listed_names(outcome.spec),
        *(n for row in rows for n in row.record.setting.names),
    }
    names = [name for name in all_hyperparameters() if name in present]
    with_terms = ["beside"] if any(row.record.setting.terms for row in rows) else []
    head = ["number", "control", "state", "cause", "loss", *with_terms]
    writer.writerow([*head, *names, *named, "seeds"])
    for row in rows:
        record = row.record
        params = [_value(row, name) for name in names]
        values = [v for m in measures for v in (row.values[m], row.spread[m])]
        writer.writerow(
            [
                *("" if v is None else v for v in (record.number, record.control)),
                *(record.state, record.cause or "", record.setting.loss),
                *([" + ".join(record.setting.terms)] if with_terms else []),
                *("" if v is None else v for v in params),
                *("" if math.isnan(v) else v for v in values),
                len(record.seeds),
            ]
        )


def print_json(outcome: StudyResults) -> None:
    """Print the results as one JSON object on standard output."""
    print(json.dumps(to_dict(outcome), indent=2, allow_nan=False))


def to_dict(outcome: StudyResults) -> dict[str, Any]:
    """Return the results as plain values, as ``sweeper results --format json`` prints them."""
    summary = outcome.summary
    published = _published(outcome)
    return {
        "study": summary.study.name,
        "kind": outcome.spec.kind,
        "objectives": list(outcome.spec.objectives),
        "budget": summary.study.n_trials,
        "states": {**summary.states, "running": summary.live},
        "best": [row.record.number for row in outcome.best],
        "trials": [_entry(row, "number", outcome.spec) for row in outcome.trials],
        "controls": [_entry(row, "control", outcome.spec) for row in outcome.every_control],
        "imbalance": _imbalance(outcome),
        **outlook.to_dict(outcome),
        "confirmation": confirmed.to_dict(outcome.confirmation, outcome.spec.objectives[0]),
        "published": None if published is None else json.loads(published.to_json(orient="records")),
    }


def _published(outcome: StudyResults) -> "pd.DataFrame | None":
    if outcome.spec.published is None:
        return None
    from sweeper.study.published import published_table  # imports pandas, which is slow

    try:
        return published_table(outcome.spec)
    except SweeperError as error:  # our own results are shown anyway
        say(str(error))
        return None


def _notes(outcome: StudyResults, shown: int) -> list[str]:
    spec, summary = outcome.spec, outcome.summary
    split = summary.study.split
    states = [
        f"{number} {name}"
        for name, number in {**summary.told, "running": summary.live}.items()
        if number and name != "complete"
    ]
    total = count(len(outcome.complete), "complete trial")
    first = f"{total} of {summary.study.n_trials}" + (f" ({', '.join(states)})" if states else "")
    if shown < len(outcome.complete):
        first += f", the {_order(outcome)} {shown} shown"
    spread = f"mean ± standard deviation of {count(spec.seeds, 'seed')}"
    if spec.seeds == 1:
        spread = "only one seed, so no spread"
    notes = [f"{first}; {spread}, {split} data"]
    notes += [f"{name}: {about(name)}" for name in outcome.measures]
    pairs = [row for row in outcome.complete if not LOSSES[row.record.setting.loss].has_classes]
    if pairs:
        losses = ", ".join(dict.fromkeys(row.record.setting.loss for row in pairs))
        notes.append(f"{losses}: no classifier, so accuracy is that of the nearest class mean")
    failed = [row for row in outcome.trials if row.record.state == "failed"]
    tried = [row for row in failed if not is_retryable(row.record.cause)]
    notes += [f"{row.label} failed: {row.record.cause}" for row in tried[:_FAILED_SHOWN]]
    repeated = Counter(kind_of(row.record.cause) for row in failed if row not in tried)
    if repeated:
        causes = ", ".join(f"{number} {cause}" for cause, number in sorted(repeated.items()))
        notes.append(f"not finished, and queued again: {causes}")
    if (line := _imbalance(outcome)) is not None:
        notes.append(line)
    if len(spec.objectives) > 1 and outcome.best:
        front = ", ".join(row.label for row in outcome.best)
        notes.append(f"Pareto front: {front}")
    elif outcome.best and len(outcome.complete) > 1:
        notes.append(
            f"The best of {len(outcome.complete)} trials is selected on the figures shown, so "
            f"chance flatters its value; the controls are {controls_are(spec)}."
        )
    notes += outlook.lines(outcome)
    return [*notes, *confirmed.lines(outcome.confirmation, spec.objectives[0])]


def _imbalance(outcome: StudyResults) -> str | None:
    """Return a line where accuracy and balanced accuracy tell different stories."""
    names = (DEFAULT_OBJECTIVE, BALANCED_ACCURACY, MAJORITY_BASELINE)
    return imbalance_line(
        [
            Accuracies.of_seeds(
                row.label,
                *([seed.values.get(name, math.nan) for seed in row.record.seeds] for name in names),
            )
            for row in (*outcome.complete, *outcome.controls)
        ]
    )


def _order(outcome: StudyResults) -> str:
    """Describe the order of the rows."""
    if outcome.spec.kind == "experiment":
        return "first"
    several = len(outcome.spec.objectives) > 1
    return f"best in {outcome.spec.objectives[0]}," if several else "best"


def _varying(rows: list[ResultRow]) -> list[str]:
    """Return the hyperparameters that differ between rows, and the scale if any row has one."""
    return [
        name
        for name in all_hyperparameters()
        if len({_value(row, name) for row in rows if _value(row, name) is not None}) > 1
        or (name == "scale" and any(_value(row, name) is not None for row in rows))
    ]


def _value(row: ResultRow, name: str) -> float | None:
    """Return a hyperparameter, None if neither the loss nor a term has it."""
    value = row.record.setting.get(name, math.nan)
    return None if math.isnan(value) else value


def _cells(
    row: ResultRow, shown: list[str], measures: tuple[str, ...], with_loss: bool
) -> list[str]:
    values = [_value(row, name) for name in shown]
    return [
        row.label,
        *([row.record.setting.losses] if with_loss else []),
        *("–" if value is None else f"{value:.3g}" for value in values),
        *(measured(name, row.values[name], row.spread[name]) for name in measures),
    ]


def _entry(row: ResultRow, key: str, spec: StudySpec) -> dict[str, Any]:
    record = row.record
    # A setting leaves out options at their defaults.
    shown = {*record.setting.names, *_listed_names(spec)}
    return {
        key: getattr(record, key),
        "state": record.state,
        "cause": record.cause,
        "params": {
            "loss": record.setting.loss,
            **({"beside": list(record.setting.terms)} if record.setting.terms else {}),
            **{
                n: v
                for n in all_hyperparameters()
                if n in shown and (v := _value(row, n)) is not None
            },
        },
        "values": {name: _finite(value) for name, value in row.values.items()},
        "spread": {name: _finite(value) for name, value in row.spread.items()},
        "seeds": [
            {"seed": seed.seed, **{name: _finite(v) for name, v in seed.values.items()}}
            for seed in record.seeds
        ],
    }


def _listed_names(spec: StudySpec) -> set[str]:
    """Return the names of the hyperparameters that a study searches or lists in its settings."""
    return {*spec.space, *(name for table in spec.settings for name in table.values)}


def _plain(value: object) -> str:
    """Format a published figure unchanged, a missing one as empty."""
    return "" if value != value else str(value)


def _finite(value: float) -> float | None:
    """Return the value, None if JSON cannot represent it."""
    return value if math.isfinite(value) else None
