"""The columns of a repository: types, units and valid values."""

import math
from dataclasses import dataclass
from typing import Literal

from sweeper.registry.losses import repository_losses
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import FIELDS
from sweeper.repository.meta_features.ranges import ROUNDING, valid_range
from sweeper.repository.plan import STARTS
from sweeper.repository.task_plans import SPLITS


@dataclass(frozen=True)
class Column:
    """One column: its type, unit and meaning, and its range.

    `low` and `high` are inclusive bounds, `above` an exclusive one. If there are `choices`, a text
    must be one of them.
    """

    name: str
    type: Literal["text", "integer", "number"]
    meaning: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    choices: tuple[str, ...] = ()


#: The columns of the tasks, followed by one per meta-feature.
TASK = (
    Column("id", "text", "name of the task, unique"),
    Column("source", "text", "independent origin of the images"),
    Column("dataset", "text", "the source, or a named subset of it"),
    Column("net", "text", "net that was trained"),
    Column("embedding", "integer", "dimensions of the embedding", low=1, high=2**31),
    Column("epochs", "integer", "training budget", "epochs", low=1, high=2**31),
    Column("batch_size", "integer", "images of a step", "images", low=1, high=2**31),
    Column("num_classes", "integer", "classes trained on", "classes", low=2, high=2**31),
    Column("num_train", "integer", "images trained on", "images", low=1, high=2**53),
    Column("start", "text", "what the net starts from", choices=STARTS),
    Column("samples", "integer", "images that a run sees", "images", low=1, high=2**62),
    Column("split", "text", "what no seed trains on: images, classes or folds", choices=SPLITS),
)

#: The columns of the results: one row per task, setting, seed and objective.
RESULT = (
    Column("task", "text", "id of the task"),
    Column("objective", "text", "what was measured", choices=tuple(OBJECTIVES)),
    Column("loss", "text", "loss that was trained with", choices=tuple(repository_losses())),
    Column("m1", "number", "margin that multiplies the angle", "", high=10, above=0),
    Column("m2", "number", "margin added to the angle", "radians", -math.pi, math.pi),
    Column("m3", "number", "margin taken from the cosine", "", -2, 2),
    Column("scale", "number", "factor s of the logits", "", high=1e4, above=0),
    Column("lr", "number", "learning rate", "", high=100, above=0),
    Column("weight_decay", "number", "weight decay", "", 0, 100),
    Column("seed", "integer", "seed of start and batches", "", -(2**63), 2**63 - 1),
    Column("value", "number", "share from 0 to 1, or a ratio of lengths (compactness)", "", 0),
)

TASK_NAMES = tuple(column.name for column in TASK)
RESULT_NAMES = tuple(column.name for column in RESULT)

#: The columns that identify a setting.
SETTING = FIELDS

#: The columns that identify a result.
RESULT_KEY = ("task", "objective", *SETTING, "seed")

FEATURE_MEANING = "meta-feature of the data set"


def feature_column(name: str, meaning: str = FEATURE_MEANING) -> Column:
    """Return the column of a meta-feature."""
    low, high = valid_range(name)
    return Column(name, "number", meaning, low=low - ROUNDING, high=high + ROUNDING)
