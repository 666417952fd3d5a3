"""Whether every value of a repository's tables is possible."""

import math

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError
from sweeper.repository.columns import RESULT, RESULT_KEY, TASK, TASK_NAMES, Column, feature_column
from sweeper.repository.objectives import SHARES
from sweeper.repository.plans import with_plans
from sweeper.setting import MARGIN_LOSSES, Setting

#: What a loss has where it lacks a margin or the scale.
_NEUTRAL = {name: getattr(Setting("softmax"), name) for name in ("m1", "m2", "m3", "scale")}


def check_tables(
    tasks: pd.DataFrame, results: pd.DataFrame, tasks_name: str, results_name: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with their proper types, or refuse them for the first bad value.

    What tables of version 1 do not say of the plan is filled.

    Args:
        tasks: texts as a CSV file has them.
        results: likewise.
        tasks_name: what an error calls the first table.
        results_name: and the second.

    Raises:
        SweeperError: a column is missing or unknown; a value is no number, not finite or out of its
            range; a loss or an objective is unknown; a key comes twice; a result has no task. It
            names the table and the row as a line of the file, whose first is the header.
    """
    tasks = with_plans(tasks)
    features = [name for name in tasks.columns if name not in TASK_NAMES]
    typed_tasks = _typed(tasks, (*TASK, *map(feature_column, features)), tasks_name)
    typed = _typed(results, RESULT, results_name)
    _refuse(typed_tasks["id"].duplicated(), tasks_name, "the id comes a second time")
    _refuse(~typed["task"].isin(typed_tasks["id"]), results_name, "there is no such task")
    beyond = typed["objective"].isin(SHARES) & (typed["value"] > 1)
    _refuse(beyond, results_name, "a share is at most 1")
    for loss, own in MARGIN_LOSSES.items():
        for name in _NEUTRAL.keys() - set(own):
            odd = (typed["loss"] == loss) & (typed[name] != _NEUTRAL[name])
            message = f"{loss} has no {name}, which must be {_NEUTRAL[name]:g}"
            _refuse(odd, results_name, message)
    twice = typed.duplicated(list(RESULT_KEY))
    _refuse(twice, results_name, "the same task, objective, setting and seed come a second time")
    return typed_tasks, typed


def _typed(table: pd.DataFrame, columns: tuple[Column, ...], where: str) -> pd.DataFrame:
    known = [column.name for column in columns]
    if missing := [name for name in known if name not in table.columns]:
        raise SweeperError(f"{where} lacks the column {missing[0]!r}")
    if other := [name for name in table.columns if name not in known]:
        raise SweeperError(f"{where} has an unknown column {other[0]!r}")
    return pd.DataFrame(
        {column.name: _column(table[column.name], column, where) for column in columns}
    )


def _column(texts: pd.Series, column: Column, where: str) -> pd.Series:
    if column.type == "text":
        bad = ~texts.map(lambda text: bool(text) and text.isprintable())
        _refuse(bad, where, f"{column.name} is empty or cannot be shown")
        if column.choices:
            message = f"{column.name} is none of {', '.join(column.choices)}"
            _refuse(~texts.isin(column.choices), where, message)
        return texts.astype(object)
    if column.type == "integer":
        whole = texts.str.fullmatch(r"-?[0-9]{1,19}").astype(bool)
        _refuse(~whole, where, f"{column.name} is no whole number")
        exact = texts.map(int)
        outside = (exact < int(column.low)) | (exact > int(column.high))
        _refuse(outside, where, f"{column.name} is out of range")
        return exact.astype(np.int64)
    numbers = texts.map(_number).astype(np.float64)
    # Only some tasks have a meta-feature where repositories were joined: empty there.
    empty = (texts == "") & (column == feature_column(column.name))
    finite = numbers.map(math.isfinite)
    _refuse(~(finite | empty), where, f"{column.name} is no finite number")
    outside = (numbers < column.low) | (numbers > column.high) | (numbers <= column.above)
    _refuse(outside, where, f"{column.name} is out of range")
    return numbers


def _number(text: str) -> float:
    """Return a number, NaN for what is none; pandas' own parser rounds in the last digit."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _refuse(bad: pd.Series, where: str, message: str) -> None:
    """Raise for the first row that is bad; line 1 of the file is the header."""
    if bad.any():
        raise SweeperError(f"{where} row {int(bad.to_numpy().argmax()) + 2}: {message}")
