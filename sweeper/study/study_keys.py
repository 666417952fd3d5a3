"""The keys of a study file: their types, their defaults and what they mean."""

import math
from typing import Annotated, Any, get_args

from pydantic import Field

from sweeper.registry.decay import Decay
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES
from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.registry.pruners import NO_PRUNER, PRUNERS
from sweeper.registry.samplers import DEFAULT_SAMPLER, EXPERIMENT_SAMPLER, SAMPLERS
from sweeper.registry.setting import Setting
from sweeper.registry.study_kind import StudyKind
from sweeper.study.setting_table import SettingTable
from sweeper.study.space.dimensions import Dimension, Strict, grid_size
from sweeper.study.vocabulary import (
    KINDS,
    Count,
    Flat,
    Loss,
    Objective,
    Precision,
    Terms,
    Text,
    one_of,
)

#: The trials of a search that names no number.
N_TRIALS = 60


class AugmentationTable(Strict):
    """How the images of a batch are changed at random, see `sweeper.training.Augmentation`."""

    crop: Annotated[int, Field(ge=0, le=1024)] = 0
    rotation: Annotated[float, Field(ge=0, le=math.pi)] = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False


class Published(Strict):
    """Figures from print to stand beside ours."""

    table: Text


def _default_sampler(known: dict[str, Any]) -> str:
    return EXPERIMENT_SAMPLER if known["kind"] == "experiment" else DEFAULT_SAMPLER


def _default_rungs(known: dict[str, Any]) -> tuple[int, ...]:
    if known["pruner"] == NO_PRUNER:
        return ()
    return tuple(2**i for i in range((known["epochs"] - 1).bit_length()))


def _default_precision(known: dict[str, Any]) -> Precision:
    return "float32" if known["kind"] == "experiment" else "auto"


def _default_controls(known: dict[str, Any]) -> tuple[str, ...]:
    loss = known["loss"]
    plain = loss == "softmax" and not known["beside"]
    if known["kind"] == "experiment" or plain:
        return ()
    return tuple(dict.fromkeys(("softmax", LOSSES[loss].control or loss)))


def _default_n_trials(known: dict[str, Any]) -> int:
    if known["kind"] == "experiment":
        return sum(table.size for table in known["settings"])
    if SAMPLERS[known["sampler"]].grid:
        return min(N_TRIALS, grid_size(known["space"]))
    return N_TRIALS


class StudyKeys(Strict):
    """What stands in a study file, each key right by itself; `study_checks` looks at them together.

    `net` is "auto" until the data are loaded, unless a net is named. `per_class` makes every batch
    of so many images of each class, in place of `batch_size`. `precision` is what nets are trained
    in; "auto", a search's, is bfloat16 where the device has it. `rungs` are the epochs after which
    a trial is reported and may be pruned. `seed` seeds the splits and the sampler. The default
    number of trials of a grid is at most its size, and an experiment's is the number of its
    settings, whose `sampler` is "settings". `stand_in` is the study to run where the data are not
    at hand.
    """

    name: Text
    kind: Annotated[StudyKind, one_of("kind", KINDS)] = "search"
    dataset: Text
    net: Text = "auto"
    embedding: Count = 64
    loss: Loss = DEFAULT_LOSS
    beside: Terms = ()
    objectives: Annotated[tuple[Objective, ...], Field(strict=False, min_length=1)] = (
        DEFAULT_OBJECTIVE,
    )
    epochs: Count = 10
    seeds: Count = 4
    batch_size: Count = 128
    per_class: Count | None = None
    decay: Annotated[Decay, one_of("decay", get_args(Decay))] = "step"
    augmentation: AugmentationTable = AugmentationTable()
    precision: Annotated[Precision, one_of("precision", get_args(Precision))] = Field(
        default_factory=_default_precision
    )
    sampler: Annotated[str, one_of("sampler", SAMPLERS)] = Field(default_factory=_default_sampler)
    pruner: Annotated[str, one_of("pruner", PRUNERS)] = NO_PRUNER
    rungs: Annotated[tuple[int, ...], Field(strict=False)] = Field(default_factory=_default_rungs)
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    space: Annotated[dict[str, Dimension], Flat] = Field(default_factory=dict)
    fixed: Annotated[dict[str, float], Flat] = Field(default_factory=dict)
    controls: Annotated[tuple[Loss, ...], Field(strict=False)] = Field(
        default_factory=_default_controls
    )
    settings: Annotated[tuple[SettingTable, ...], Field(strict=False)] = ()
    n_trials: Count = Field(default_factory=_default_n_trials)
    published: Published | None = None
    stand_in: Text | None = None

    def settings_list(self) -> list[Setting]:
        """Return the settings of an experiment in the file's order; of a search, none."""
        return [
            setting
            for table in self.settings
            for setting in table.expand(self.loss, self.fixed, self.beside)
        ]
