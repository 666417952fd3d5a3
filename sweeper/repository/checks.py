"""Validation of every value in a repository's tables."""

import math

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError
from sweeper.registry.losses import repository_losses
from sweeper.registry.objectives import is_share
from sweeper.registry.setting import Setting
from sweeper.repository.columns import RESULT, RESULT_KEY, TASK, TASK_NAMES, Column, feature_column
from sweeper.repository.task_plans import with_plans

#: The values of margins and scale that a loss does not have.
_NEUTRAL = {name: getattr(Setting("softmax"), name) for name in ("m1", "m2", "m3", "scale")}


def check_tables(
    tasks: pd.DataFrame, results: pd.DataFrame, tasks_name: str, results_name: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with their proper types, or raise for the first invalid value.

    Columns of the plan that tables of version 1 lack are filled in.

    Args:
        tasks: strings, as in a CSV file.
        results: likewise.
        tasks_name: name of the first table in errors.
        results_name: name of the second.

    Raises:
        SweeperError: a column is missing or unknown; a value is not a number, not finite or out of
            range; a loss or an objective is unknown; a key is repeated; a result has no task. The
            message names the table and the row as a line of the file, the first being the header.
    """
    tasks = with_plans(tasks)
    features = [name for name in tasks.columns if name not in TASK_NAMES]
    typed_tasks = _typed(tasks, (*TASK, *map(feature_column, features)), tasks_name)
    typed = _typed(results, RESULT, results_name)
    _reject(typed_tasks["id"].duplicated(), tasks_name, "the id is repeated")
    _reject(~typed["task"].isin(typed_tasks["id"]), results_name, "there is no such task")
    shares = [name for name in typed["objective"].unique() if is_share(name)]
    above_one = typed["objective"].isin(shares) & (typed["value"] > 1)
    _reject(above_one, results_name, "a share is at most 1")
    for loss, info in repository_losses().items():
        for name in _NEUTRAL.keys() - info.margins.keys():
            invalid = (typed["loss"] == loss) & (typed[name] != _NEUTRAL[name])
            message = f"{loss} has no {name}, which must be {_NEUTRAL[name]:g}"
            _reject(invalid, results_name, message)
    repeated = typed.duplicated(list(RESULT_KEY))
    _reject(repeated, results_name, "the same task, objective, setting and seed are repeated")
    return typed_tasks, typed


def _typed(table: pd.DataFrame, columns: tuple[Column, ...], where: str) -> pd.DataFrame:
    known = [column.name for column in columns]
    if missing := [name for name in known if name not in table.columns]:
        raise SweeperError(f"{where} lacks the column {missing[0]!r}")
    if unknown := [name for name in table.columns if name not in known]:
        raise SweeperError(f"{where} has an unknown column {unknown[0]!r}")
    return pd.DataFrame(
        {column.name: _column(table[column.name], column, where) for column in columns}
    )


def _column(texts: pd.Series, column: Column, where: str) -> pd.Series:
    """Return a column with its type; each text is looked at once, however many rows have it."""
    places, found = pd.factorize(texts)
    distinct = pd.Series(found, dtype=object)

    def reject(bad: pd.Series, message: str) -> None:
        _reject(pd.Series(bad.to_numpy(dtype=bool)[places]), where, message)

    if column.type == "text":
        bad = ~distinct.map(lambda text: bool(text) and text.isprintable()).astype(bool)
        reject(bad, f"{column.name} is empty or not printable")
        if column.choices:
            message = f"{column.name} is none of {', '.join(column.choices)}"
            reject(~distinct.isin(column.choices), message)
        return texts.astype(object)
    if column.type == "integer":
        whole = distinct.str.fullmatch(r"-?[0-9]{1,19}").astype(bool)
        reject(~whole, f"{column.name} is not a whole number")
        exact = distinct.map(int)
        outside = (exact < int(column.low)) | (exact > int(column.high))
        reject(outside, f"{column.name} is out of range")
        return pd.Series(exact.to_numpy(dtype=np.int64)[places])
    numbers = distinct.map(_number).astype(np.float64)
    # In joined repositories, a meta-feature may be empty for some tasks.
    empty = (distinct == "") & (column == feature_column(column.name))
    finite = numbers.map(math.isfinite).astype(bool)
    reject(~(finite | empty), f"{column.name} is not a finite number")
    outside = (numbers < column.low) | (numbers > column.high) | (numbers <= column.above)
    reject(outside, f"{column.name} is out of range")
    return pd.Series(numbers.to_numpy()[places])


def _number(text: str) -> float:
    """Return a number, or NaN for other text; pandas' own parser rounds the last digit."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _reject(bad: pd.Series, where: str, message: str) -> None:
    """Raise for the first bad row; line 1 of the file is the header."""
    if bad.any():
        raise SweeperError(f"{where} row {int(bad.to_numpy().argmax()) + 2}: {message}")
