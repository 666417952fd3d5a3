"""Leave-one-source-out: the predictions of all surrogates for unseen tasks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.registry.setting import Setting
from sweeper.repository.best_known import best_gain, best_measured, comparable
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import Constant, Surrogate
from sweeper.repository.surrogates.design_matrix import Compression, Design, FloatArray, points_of
from sweeper.repository.surrogates.distance import KnownTasks


@dataclass(frozen=True)
class HeldOut:
    """One task of a held-out source: its settings with margins, and predictions for them.

    Attributes:
        task, source: their names.
        num_classes, embedding: those of the task, for the formulas.
        lr, weight_decay: those of its control.
        points: the measured settings with margins, ``[n, 4]``, see `DesignRows.points`.
        measured: their gains, ``[n]``.
        gain, se: their compressed gains and standard errors, ``[n]``.
        best: gain of the best known setting, see `best_gain`; NaN without enough seeds.
        mean, deviation: predictions of each surrogate, compressed, ``[surrogates, n]``.
        constant: mean of the constant surrogate, ``[n]``.
        nearest: best measured setting of the nearest task of another source.
        too_far: whether the task is too far from all others for a recommendation.
    """

    task: str
    source: str
    num_classes: int
    embedding: int
    lr: float
    weight_decay: float
    points: FloatArray
    measured: FloatArray
    gain: FloatArray
    se: FloatArray
    best: float
    mean: FloatArray
    deviation: FloatArray
    constant: FloatArray
    nearest: Setting
    too_far: bool


def leave_sources_out(
    repository: Repository, gains: pd.DataFrame, surrogates: Sequence[Surrogate]
) -> Iterator[HeldOut]:
    """Predict each source's tasks from all other sources.

    Args:
        repository: the tasks.
        gains: gains of one objective, see `gains.gains`.
        surrogates: the surrogates to fit.

    Yields:
        Each task with gains for settings with margins, source by source.
    """
    tasks = repository.tasks[repository.tasks["id"].isin(gains["task"])]
    # Only a choice of units, so all folds may share it.
    compression = Compression.of(gains[gains["loss"] != "softmax"])
    for source in sorted(set(tasks["source"])):
        others, own = tasks[tasks["source"] != source], tasks[tasks["source"] == source]
        seen = gains[gains["source"] != source]
        margins = seen[seen["loss"] != "softmax"]
        if margins.empty:
            continue
        design = Design.of(others, margins, repository.features, compression)
        known = KnownTasks.of(others, design)
        training = design.rows(margins, others)
        held = {
            str(task): rows[rows["loss"] != "softmax"]
            for task, rows in gains[gains["source"] == source].groupby("task")
            for rows in [comparable(rows)]
            if (rows["loss"] != "softmax").any()
        }
        if not held:
            continue
        query = design.rows(pd.concat(held.values()), own)
        predicted = [surrogate.fit(training).predict(query) for surrogate in surrogates]
        mean = np.stack([mean for mean, _ in predicted])
        deviation = np.stack([deviation for _, deviation in predicted])
        constant, _ = Constant().fit(training).predict(query)
        start = 0
        for task, rows in held.items():
            part = slice(start, start + len(rows))
            start += len(rows)
            described = own[own["id"] == task]
            nearest = known.nearest(described).iloc[0]
            yield HeldOut(
                task,
                source,
                int(described["num_classes"].iloc[0]),
                int(described["embedding"].iloc[0]),
                float(rows["lr"].mode().iloc[0]),
                float(rows["weight_decay"].mode().iloc[0]),
                points_of(rows),
                rows["gain"].to_numpy(),
                query.gain[part],
                query.se[part],
                best_gain(rows),
                mean[:, part],
                deviation[:, part],
                constant[part],
                best_measured(seen[seen["task"] == nearest["id"]]),
                known.too_far(float(nearest["distance"])),
            )
