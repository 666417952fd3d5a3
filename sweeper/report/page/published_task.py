"""Which published figures are of a study's task, and what of the task differs."""

import pandas as pd

from sweeper.report.page.reported import Reported


def choose_rows(study: Reported, published: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that are of the study's data set, net and epochs.

    A column that is the same in all rows chooses none: the whole table is then of another task, a
    stand-in's for example, which `task_differences` says.
    """
    here = _here(study)
    here["dataset"] = str(here["dataset"]).partition("[")[0]  # a subset is one, too
    rows = published
    for column in ("dataset", "net", "model", "epochs"):
        if column in rows and rows[column].nunique() > 1:
            rows = rows[
                rows[column].isna() | rows[column].map(lambda v, c=column: _same(v, here[c]))
            ]
    return rows


def task_differences(study: Reported, row: pd.Series) -> tuple[str, ...]:
    """Return what a source states of its task that is otherwise here."""
    return tuple(
        f"{name.replace('_', ' ')} {_plain(row[name])}, here {value}"
        for name, value in _here(study).items()
        if name in row and not pd.isna(row[name]) and not _same(row[name], value)
    )


def _here(study: Reported) -> dict[str, str | int]:
    task, spec = study.outcome.summary.study.task, study.spec
    size = spec.batch_size
    if spec.per_class is not None:
        size = spec.per_class * (len(spec.loaded.trained_classes or ()) or task.dataset.num_classes)
    net = task.net.partition("[")[0]
    return {
        "dataset": task.dataset.name,
        "net": net,
        "model": net,
        "epochs": task.epochs,
        "batch_size": size,
    }


def _same(stated: object, here: str | int) -> bool:
    return _plain(stated) == str(here)


def _plain(value: object) -> str:
    """Return a cell as text; a column with blanks has its whole numbers as floats."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
