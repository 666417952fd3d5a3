"""The tasks of the atlas, as their file lists them."""

import tomllib
from dataclasses import dataclass
from typing import Any

from sweeper.data import format_spec, parse
from sweeper.resources import data_folder
from tools.atlas.sources.paths import file_of

#: The objectives without and with held-out classes.
CLOSED, OPEN = ("accuracy", "compactness"), ("accuracy", "retrieval", "compactness")
#: The rates beside the middle one, as shares of it: a factor of ten in all.
ASIDE = (0.3, 3.0)


@dataclass(frozen=True)
class AtlasTask:
    """A data set, a net and a budget; and what is varied on it.

    Attributes:
        dataset: its name with its subset.
        net: trained from scratch, or a head on embeddings.
        source: the origin of data that `tools/atlas/sources` makes; empty for sweeper's own data.
        held_out: whether classes are held out, for retrieval.
        alone: whether retrieval alone is measured, so that all images of trained classes train.
        samples: seen by a run at most, in whole epochs, at least one.
        batch_size: samples of a step.
        embedding: dimensions.
        lr: learning rate.
        rates: whether plain softmax and the chosen settings are measured at `ASIDE`, too.
        chosen: whether the chosen settings are measured alone, see `tools.atlas.design`.
        terms: whether center and σ²R loss are measured, too.
    """

    dataset: str
    net: str
    source: str = ""
    held_out: bool = False
    alone: bool = False
    samples: int = 10_000
    batch_size: int = 32
    embedding: int = 64
    lr: float = 1e-3
    rates: bool = False
    chosen: bool = False
    terms: bool = False

    @property
    def objectives(self) -> tuple[str, ...]:
        """What is measured to choose by, all at once; a head alone does not move embeddings."""
        if self.net == "head":
            return ("accuracy",)
        if self.alone:
            return ("retrieval",)
        return OPEN if self.held_out else CLOSED

    @property
    def made(self) -> str:
        """The name of what `tools/atlas/sources` makes for it; empty for sweeper's own data."""
        return parse(self.dataset)[0] if self.source else ""

    def is_here(self) -> bool:
        """Return whether data that have to be made are there."""
        return not self.made or file_of(self.made).is_file()

    @property
    def location(self) -> str:
        """What loads its data: the name, or the path of what was made with the subset."""
        if not self.made:
            return self.dataset
        return format_spec(str(file_of(self.made)), parse(self.dataset)[1])

    @property
    def rates_aside(self) -> tuple[float, ...]:
        """The other learning rates that are measured."""
        return tuple(float(f"{share * self.lr:g}") for share in ASIDE) if self.rates else ()

    @property
    def name(self) -> str:
        """A name that no other task of the atlas has."""
        parts = [self.dataset, self.net, f"{self.samples:,} samples", f"batch {self.batch_size}"]
        if self.embedding != AtlasTask.embedding:
            parts.append(f"embedding {self.embedding}")
        if self.held_out or self.alone:
            parts.append("retrieval alone" if self.alone else "classes held out")
        return ", ".join((*parts, f"lr {self.lr:g}"))

    def epochs(self, images: int) -> int:
        """Return the epochs that the budget holds of so many training images."""
        return max(1, self.samples // images)


def atlas_tasks() -> list[AtlasTask]:
    """Return every task, in the file's order.

    A table ``[[task]]`` may list several values under one key, as ``lr = [1e-3, 3e-3]``: a task for
    each, the first of which alone has the terms. Other tasks of a table's data stand in
    ``[[task.also]]``, which says what differs.

    Raises:
        TypeError: the file has a key that no task has.
        ValueError: two tasks are the same.
    """
    path = data_folder("studies") / "atlas" / "tasks.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["task"]
    tasks = [task for table in tables for own in _with_others(table) for task in _expand(own)]
    names = [task.name for task in tasks]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{path.name} has {min(repeated)!r} twice")
    return tasks


def _with_others(table: dict[str, Any]) -> list[dict[str, Any]]:
    own = {key: value for key, value in table.items() if key != "also"}
    return [own, *({**own, **other} for other in table.get("also", ()))]


def _expand(table: dict[str, Any]) -> list[AtlasTask]:
    for key, values in table.items():
        if isinstance(values, list):
            rest = [{**table, key: value, "terms": False} for value in values[1:]]
            first = {**table, key: values[0]}
            return [task for one in (first, *rest) for task in _expand(one)]
    return [AtlasTask(**table)]
