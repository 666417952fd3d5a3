"""The scores of the outside proof as a table, which outlives the database they were trained in."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.setting_json import setting_to_json
from tools.proof.answers import Answer
from tools.proof.experiments import Measured
from tools.proof.outcome import Outcome
from tools.proof.tasks import OBJECTIVE, ProofTask


def write(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write the score of every setting and seed into a folder."""
    rows = [
        {
            "task": each.task.dataset,
            **_columns(setting),
            "seed": seed,
            OBJECTIVE: f"{score:.6g}",
        }
        for each in outcomes
        for setting in each.measured.settings
        for seed, score in enumerate(each.scores(setting))
    ]
    text = io.StringIO()
    pd.DataFrame(rows).to_csv(text, index=False, lineterminator="\n")
    replace_file(_path(folder), text.getvalue().encode())


def read(folder: Path, task: ProofTask, answer: Answer, others: Sequence[Setting]) -> Measured:
    """Return what was measured on a task, for the answer and for other settings.

    Raises:
        SweeperError: one of these settings has no scores in the folder.
    """
    path = _path(folder)
    if not path.is_file():
        raise SweeperError(f"{path} is missing; run python -m tools.proof run")
    table = pd.read_csv(path, keep_default_na=False)
    stored = {
        tuple(map(str, key)): rows.sort_values("seed")[OBJECTIVE].to_numpy(float)
        for key, rows in table[table["task"] == task.dataset].groupby(
            list(_columns(others[0])), sort=False
        )
    }
    wanted = tuple(dict.fromkeys([*answer.named().values(), *others]))
    scores = []
    for setting in wanted:
        own = stored.get(tuple("" if v is None else str(v) for v in _columns(setting).values()))
        if own is None:
            raise SweeperError(
                f"{task.dataset} was not trained with {setting.describe()}; "
                "run python -m tools.proof run"
            )
        scores.append(own)
    return Measured(wanted, np.array(scores))


def _columns(setting: Setting) -> dict[str, Any]:
    columns = {name: value for name, value in setting_to_json(setting).items() if name != "lambda"}
    return {**columns, "terms": json.dumps(dict(setting.options)) if setting.options else ""}


def _path(folder: Path) -> Path:
    return folder / "results.csv"
