"""The plan: how somebody trains, by which a query and a stored task are described alike."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweeper.errors import UsageError
from sweeper.registry.setting import Setting

#: What a net starts from: random weights, pretrained ones that are tuned, or features of frozen
#: ones, and all ready embeddings, with a head on them.
STARTS = ("scratch", "tuned", "frozen")

#: Each as it follows the name of a net.
_STARTS_AS = {
    "scratch": "from scratch",
    "tuned": "from pretrained weights",
    "frozen": "on frozen features",
}

#: What a user can give of a plan; the rest is what the data are.
CHOICES = ("net", "start", "epochs", "batch_size", "lr", "embedding")


@dataclass(frozen=True)
class Plan:
    """How somebody trains.

    Attributes:
        net: name of the net.
        start: what it starts from, one of `STARTS`.
        epochs: how often each image is seen.
        num_train: images trained on.
        num_classes: classes trained on, C.
        batch_size: images of a step.
        lr: learning rate; one that is not given is what defaults and formulas are trained with, and
            the recommended one may differ.
        embedding: dimensions of the embedding.
        given: which of `CHOICES` the user gave; the others are what ``sweeper run`` would do.

    Raises:
        UsageError: a number is out of its range, or there is no such start.
    """

    net: str
    start: str
    epochs: int
    num_train: int
    num_classes: int
    batch_size: int
    lr: float
    embedding: int
    given: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.start not in STARTS:
            raise UsageError(f"start must be {', '.join(STARTS)}, not {self.start!r}")
        for name, least in (("epochs", 1), ("batch_size", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.embedding < 2:
            raise UsageError(
                f"an embedding needs at least 2 dimensions to have angles, not {self.embedding}"
            )
        if self.num_classes < 2:
            raise UsageError(f"at least 2 classes are needed, not {self.num_classes}")
        if self.num_train < self.num_classes:
            raise UsageError(
                f"{self.num_train} images are fewer than the {self.num_classes} classes"
            )
        try:
            Setting("softmax", lr=self.lr)
        except ValueError as error:
            raise UsageError(str(error)) from None

    @property
    def samples(self) -> int:
        """Images that a run sees: epochs times images trained on."""
        return self.epochs * self.num_train

    @property
    def per_class(self) -> float:
        """Mean number of images of a class trained on."""
        return self.num_train / self.num_classes

    @property
    def assumed(self) -> tuple[str, ...]:
        """Which of `CHOICES` the user did not give; never the learning rate: one is recommended."""
        return tuple(name for name in CHOICES if name not in (*self.given, "lr"))

    def row(self) -> dict[str, Any]:
        """Return the columns of the plan in a table of tasks, see `sweeper.repository.columns`."""
        names = ("net", "start", "epochs", "samples", "batch_size", "embedding")
        sizes = ("num_classes", "num_train")
        return {name: getattr(self, name) for name in (*names, *sizes)}

    @classmethod
    def of_row(cls, task: Mapping[str, Any], lr: float) -> "Plan":
        """Return the plan of a stored task, trained at a learning rate."""
        return cls(
            net=str(task["net"]),
            start=str(task["start"]),
            epochs=int(task["epochs"]),
            num_train=int(task["num_train"]),
            num_classes=int(task["num_classes"]),
            batch_size=int(task["batch_size"]),
            lr=lr,
            embedding=int(task["embedding"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as ``sweeper recommend --format json`` prints it."""
        names = ("net", "start", "epochs", "samples", "batch_size", "lr", "embedding")
        shown = {name: getattr(self, name) for name in (*names, "num_classes", "per_class")}
        return {**shown, "given": list(self.given)}

    def __str__(self) -> str:
        """Write the plan in one line, and what of it was assumed.

        A learning rate that was not given is no part of it: it is part of a setting.
        """
        each = math.floor(self.per_class * 10 + 0.5) / 10
        parts = (
            f"{self.net} {_STARTS_AS[self.start]}",
            f"{self.epochs:,} epoch{'s' * (self.epochs != 1)} ({self.samples:,} samples)",
            f"batches of {self.batch_size:,}",
            *([f"lr {self.lr:g}"] if "lr" in self.given else []),
            f"embedding {self.embedding:,}",
            f"{self.num_classes:,} classes of {each:,g} image{'s' * (each != 1)}",
        )
        words = ", ".join(name.replace("_", " ") for name in self.assumed)
        return ", ".join(parts) + (f"; assumed, as in `sweeper run`: {words}" if words else "")
