"""The table of published figures beside ours."""

import math

import pandas as pd

from sweeper.errors import SweeperError
from sweeper.report.page import numbers
from sweeper.report.page.published import Beside, beside
from sweeper.report.page.reported import Reported
from sweeper.report.page.text_table import TextTable
from sweeper.study.published import published_table


def published_figures(study: Reported) -> tuple[list[Beside], str]:
    """Return the published figures of a study's task, or why there are none.

    Empty both if the study file names none.
    """
    if study.spec.published is None:
        return [], ""
    name = study.spec.published.table
    try:
        table = published_table(study.spec)
    except SweeperError as error:  # our own results are shown anyway
        return [], str(error)
    if table is None or "loss" not in table:
        return [], f"{name} has no column 'loss', which figures are joined by"
    found = beside(study, table)
    return found, "" if found else f"{name} has no figures of this data set, net and epochs"


def published_page_table(entries: list[Beside]) -> TextTable:
    """Return the table of some published figures."""
    header = (
        *("setting", "measure", "published", "runs", "ours", "seeds"),
        *("ours − published", "explained by chance", "remarks"),
    )
    rows = [_row(entry) for entry in entries]
    told = [entry for entry in entries if entry.is_inside is not None]
    inside = sum(bool(entry.is_inside) for entry in told)
    notes = [
        "ours − published: with the 95 % interval for means of as many runs as each has, which "
        "assumes that the published runs vary as ours do; in points where the measure is a share.",
    ]
    if told:
        notes.append(
            f"{inside} of {len(told)} published figures are where chance alone would put them."
        )
    if any(entry.is_best for entry in entries):
        notes.append("The best of several runs grows with their number: no interval.")
    numeric = frozenset(header) - {"setting", "measure", "explained by chance", "remarks"}
    frame = pd.DataFrame([_record(entry) for entry in entries])
    return TextTable(
        "published", "Published figures beside ours", header, rows, numeric, frame, notes
    )


def _row(entry: Beside) -> tuple[str, ...]:
    measure = f"best {entry.measure}" if entry.is_best else entry.measure
    spread = math.nan if entry.is_best else entry.spread
    difference = entry.mean - entry.value
    told = {True: "yes", False: "no", None: ""}[entry.is_inside]
    return (
        entry.setting + _rate(entry),
        measure.replace("_", " "),
        numbers.value(entry.measure, entry.value),
        str(entry.runs),
        numbers.with_spread(entry.measure, entry.mean, spread) or "not run",
        str(len(entry.ours) or ""),
        numbers.interval(
            entry.measure, difference, difference - entry.reach, difference + entry.reach
        ),
        told,
        "; ".join(entry.remarks),
    )


def _rate(entry: Beside) -> str:
    """Return the learning rate where the source states one: settings in words leave it out."""
    if entry.row is None or "lr" not in entry.stated:
        return ""
    return f", lr {entry.stated['lr']:g}"


def _record(entry: Beside) -> dict[str, object]:
    difference = entry.mean - entry.value
    return {
        "losses": entry.losses,
        **entry.stated,
        "class": entry.of_class,
        "measure": entry.measure,
        "best_of_runs": entry.is_best,
        "published": entry.value,
        "runs": entry.runs,
        "trial": None if entry.row is None else entry.row.label,
        "ours": entry.mean,
        "ours_std": entry.spread,
        "seeds": len(entry.ours),
        "difference": difference,
        "low": difference - entry.reach,
        "high": difference + entry.reach,
        "explained_by_chance": entry.is_inside,
        "remarks": "; ".join(entry.remarks),
    }
