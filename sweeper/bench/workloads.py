"""The timed workloads: small sweeps with the same trials, seeds, images and epochs for all."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class Workload:
    """A sweep of ArcFace's margin and scale, as a study with fixed settings.

    Attributes:
        name: as shown in tables.
        dataset: a data set's name, or an .npz of embeddings.
        net: trained from scratch.
        trials: number of margins and scales to try.
        seeds: number per trial.
        epochs: number per training.
        precision: the training precision of the study.
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
        """The study: a search over exactly `settings`."""
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
        """The trials: m (radians) rises while s falls, over a typical search range."""
        shares = np.linspace(0.0, 1.0, self.trials).tolist()
        return [
            Setting("arcface", m2=round(0.6 * share, 3), scale=round(4 * 16 ** (1 - share), 3))
            for share in shares
        ]


def make_workloads(folder: Path, precision: str, chosen: str = "") -> list[Workload]:
    """Return the workloads whose name has `chosen` in it.

    Sizes are chosen so that the baseline takes 15 to 30 seconds on two cores.

    Args:
        folder: where embeddings are written.
        precision: training precision of the studies.
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
    workloads = [Workload(*row, precision) for row in rows if chosen.lower() in row[0].lower()]
    if any(workload.dataset == str(embeddings) for workload in workloads):
        _write_embeddings(embeddings)
    return workloads


def _write_embeddings(file: Path) -> None:
    """Write embeddings of 512 numbers in 100 classes that overlap slightly."""
    draw = np.random.default_rng(0)
    labels = np.arange(6000) % 100
    centers = draw.standard_normal((100, 512))
    inputs = centers[labels] + 3 * draw.standard_normal((6000, 512))
    np.savez(file, embeddings=inputs.astype(np.float32), labels=labels)
