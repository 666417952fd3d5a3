"""Trains a few cells of the atlas again and compares them with what is stored."""

import logging
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import torch

from sweeper.confirm.retraining import Retraining
from sweeper.errors import SweeperError
from sweeper.registry.setting import FIELDS, Setting
from sweeper.repository.own_studies import id_of
from tools.atlas.sweep import SEEDS, Planned, plan
from tools.atlas.tasks import AtlasTask

logger = logging.getLogger(__name__)

#: Standard errors of the mean that a cell may lie off. Another processor rounds otherwise, and a
#: net's training blows that up to as much as another seed makes.
ALLOWED = 4.0


@dataclass(frozen=True)
class Cell:
    """A setting on a task, measured again: means over the same seeds."""

    task: str
    setting: Setting
    measure: str
    stored: float
    again: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether the two means are as near as another processor allows."""
        return abs(self.stored - self.again) <= self.allowed


def check(
    tasks: Sequence[AtlasTask], table: pd.DataFrame, tasks_checked: int, seed: int
) -> Iterator[Cell]:
    """Yield two settings of each of some tasks, every objective of each.

    A task that is not stored with the data that are here, fonts being others on another machine, is
    told and passed over for another one.

    Args:
        tasks: all of the atlas.
        table: what is stored, see `measures`.
        tasks_checked: how many, drawn at random.
        seed: of the draw.

    Raises:
        SweeperError: the data of a task are not here, or no task is stored with them.
    """
    draw = random.Random(seed)
    checked = 0
    for task in draw.sample(list(tasks), len(tasks)):
        if checked == tasks_checked:
            return
        if not task.is_here():
            continue
        planned = next(one for one in plan(task) if one.first)
        of_task = (table["task"] == id_of(planned.task.record)) & (table["lr"] == task.lr)
        own = table[of_task & (table["term"] == "")]
        if own.empty:
            logger.warning("%s is not stored with the data that are here", task.name)
            continue
        checked += 1
        yield from _cells(task, planned, own, draw.sample(list(planned.first), 2))
    if not checked:
        raise SweeperError("none of the tasks is stored with the data that are here")


def _cells(
    task: AtlasTask, planned: Planned, own: pd.DataFrame, settings: list[Setting]
) -> Iterator[Cell]:
    spec = planned.task.spec
    settings = [spec.setting({name: getattr(s, name) for name in spec.space}) for s in settings]
    training = Retraining(
        spec, planned.task.training_data(torch.device("cpu")), settings, range(SEEDS)
    )
    training.train()
    again = training.measure()
    for k, setting in enumerate(settings):
        same = (own[list(FIELDS)] == pd.Series({f: getattr(setting, f) for f in FIELDS})).all(
            axis=1
        )
        for measure in spec.objectives:
            stored, rest = own.loc[same, measure], own[measure]
            if planned.task.split.folds:
                # That one fold of classes is harder than another is the same when measured again.
                rest = rest - own.groupby("seed")[measure].transform("mean")
            noise = float(rest[same].std()) / math.sqrt(len(stored))
            mean = float(again[measure][:, k].mean())
            yield Cell(
                task.name, setting, measure, float(stored.mean()), mean, ALLOWED * noise + 1e-3
            )
