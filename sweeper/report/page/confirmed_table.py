"""The table of a study's confirmation: new seeds, validation and test data."""

import pandas as pd

from sweeper.report.confirmation import confirmation_table
from sweeper.report.page.reported import Reported
from sweeper.report.page.text_table import TextTable
from sweeper.store import Confirmation
from sweeper.store.results.confirmations import Label


def confirmed_table(study: Reported) -> TextTable | None:
    """Return what `sweeper confirm` has shown, None where it has not finished.

    Its CSV has one row for each seed, measure and split.
    """
    found = study.outcome.confirmation
    if not isinstance(found, Confirmation):
        return None
    rows = (*study.outcome.trials, *study.outcome.every_control)
    settings = {_label(row.record.number, row.record.control): row.record.setting for row in rows}
    table = confirmation_table(found, study.spec.objectives, settings)
    names = {_label(row.record.number, row.record.control): row.label for row in rows}
    records = [
        {"trial": names[label], "seed": seed, "measure": measure, "split": split, "value": value}
        for label, splits in found.values.items()
        for split, measures in splits.items()
        for measure, seeds in measures.items()
        for seed, value in seeds.items()
    ]
    return TextTable(
        "confirmation",
        "Confirmation with new seeds, on test data",
        ("trial", *table.header[1:]),
        table.rows,
        frozenset(table.measured),
        pd.DataFrame(records, columns=["trial", "seed", "measure", "split", "value"]),
        table.comparisons,
    )


def _label(number: int | None, control: str | None) -> Label:
    label = control if number is None else number
    assert label is not None
    return label
