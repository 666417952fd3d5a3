"""What is timed: one small sweep each, the same trials, seeds, images and epochs for every way."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class Workload:
    """A sweep of ArcFace's margin and scale, as a study of given settings.

    Attributes:
        name: what tables call it.
        dataset: a data set's name, or an .npz of embeddings.
        net: trained from scratch.
        trials: margins and scales to try.
        seeds: of each trial.
        epochs: of each training.
        precision: what the study itself trains in.
    """

    name: str
    dataset: str
    net: str
    trials: int
    seeds: int
    epochs: int
    precision: str

    @cached_property
    def spec(self) -> StudySpec:
        """The study: a search that begins with `settings` and ends with them."""
        name = self.name.lower().replace(" ", "-")
        content: dict[str, Any] = {
            "name": name,
            "kind": "search",
            "sampler": "random",
            "loss": "arcface",
            "dataset": self.dataset,
            "net": self.net,
            "embedding": 64,
            "batch_size": 128,
            "epochs": self.epochs,
            "seeds": self.seeds,
            "controls": [],
            "precision": self.precision,
            "n_trials": self.trials,
            "space": {"m2": {"low": 0, "high": 1}, "scale": {"low": 1, "high": 128}},
        }
        return StudySpec.from_content(content, name)

    @property
    def settings(self) -> list[Setting]:
        """The trials: m (radians) rising while s falls, over what a sweep would try."""
        shares = np.linspace(0.0, 1.0, self.trials).tolist()
        return [
            Setting("arcface", m2=round(0.6 * share, 3), scale=round(4 * 16 ** (1 - share), 3))
            for share in shares
        ]


def make_workloads(folder: Path, precision: str, chosen: str = "") -> list[Workload]:
    """Return the workloads whose name has `chosen` in it.

    Sizes are such that what people run today takes 15 to 30 seconds on two cores.

    Args:
        folder: where embeddings are written.
        precision: of the studies.
        chosen: part of a name.
    """
    embeddings = folder / "embeddings.npz"
    rows = [
        ("compact on Fashion-MNIST", "fashion-mnist[per_class=200]", "compact", 4, 4, 2),
        ("LeNet on Fashion-MNIST", "fashion-mnist[per_class=250]", "lenet", 6, 4, 2),
        ("ResNet-18 on Fashion-MNIST", "fashion-mnist[per_class=125]", "resnet18", 2, 4, 1),
        ("compact on digits", "digits", "compact", 8, 4, 6),
        ("head on embeddings", str(embeddings), "head", 8, 4, 8),
    ]
    found = [Workload(*row, precision) for row in rows if chosen.lower() in row[0].lower()]
    if any(workload.dataset == str(embeddings) for workload in found):
        _write_embeddings(embeddings)
    return found


def _write_embeddings(file: Path) -> None:
    """Write 100 classes of 512 numbers a sample that overlap a little."""
    draw = np.random.default_rng(0)
    labels = np.arange(6000) % 100
    centers = draw.standard_normal((100, 512))
    inputs = centers[labels] + 3 * draw.standard_normal((6000, 512))
    np.savez(file, embeddings=inputs.astype(np.float32), labels=labels)
