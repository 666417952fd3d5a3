"""The tasks of the atlas, as their file lists them."""

import tomllib
from dataclasses import dataclass
from typing import Any

from sweeper.resources import data_folder

#: The objectives without and with held-out classes.
CLOSED, OPEN = ("accuracy", "compactness"), ("accuracy", "retrieval", "compactness")


@dataclass(frozen=True)
class AtlasTask:
    """A data set, a net and a budget; and what is varied on it.

    Attributes:
        dataset: its name with its subset.
        net: trained from scratch, or a head on embeddings.
        held_out: whether classes are held out, for retrieval.
        samples: seen by a run at most, in whole epochs, at least one.
        batch_size: samples of a step.
        lr: learning rate.
        terms: whether center and σ²R loss are measured, too.
    """

    dataset: str
    net: str
    held_out: bool = False
    samples: int = 10_000
    batch_size: int = 32
    lr: float = 1e-3
    terms: bool = False

    @property
    def objectives(self) -> tuple[str, ...]:
        """What is measured to choose by, all at once; a head alone does not move embeddings."""
        if self.net == "head":
            return ("accuracy",)
        return OPEN if self.held_out else CLOSED

    @property
    def name(self) -> str:
        """A name that no other task of the atlas has."""
        parts = [self.dataset, self.net, f"{self.samples:,} samples", f"batch {self.batch_size}"]
        if self.held_out:
            parts.append("classes held out")
        return ", ".join((*parts, f"lr {self.lr:g}"))

    def epochs(self, images: int) -> int:
        """Return the epochs that the budget holds of so many training images."""
        return max(1, self.samples // images)


def atlas_tasks() -> list[AtlasTask]:
    """Return every task, in the file's order.

    A table ``[[task]]`` may list several values under one key, as ``lr = [1e-3, 3e-3]``: a task for
    each, the first of which alone has the terms.

    Raises:
        TypeError: the file has a key that no task has.
        ValueError: two tasks are the same.
    """
    path = data_folder("studies") / "atlas" / "tasks.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["task"]
    tasks = [task for table in tables for task in _expand(table)]
    names = [task.name for task in tasks]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{path.name} has {min(repeated)!r} twice")
    return tasks


def _expand(table: dict[str, Any]) -> list[AtlasTask]:
    for key, values in table.items():
        if isinstance(values, list):
            rest = [{**table, key: value, "terms": False} for value in values[1:]]
            first = {**table, key: values[0]}
            return [task for one in (first, *rest) for task in _expand(one)]
    return [AtlasTask(**table)]
