"""A study's data, loaded and split."""

from dataclasses import dataclass
from functools import cached_property

import torch

from sweeper import data, models
from sweeper.data import Dataset, Split
from sweeper.errors import SweeperError
from sweeper.search.study_file import StudySpec
from sweeper.store import DatasetRecord, TaskRecord
from sweeper.training import Measured, TrainingData


@dataclass(frozen=True)
class Task:
    """The data set of a study, its split, and the study with its net settled."""

    spec: StudySpec
    dataset: Dataset
    split: Split

    @classmethod
    def load(cls, spec: StudySpec) -> "Task":
        """Load and split what a study trains on, and check that its net fits.

        Raises:
            UsageError: the data set or the net is unknown, or they do not fit each other.
            SweeperError: the data are not there, broken, or too few to be split.
        """
        dataset = data.load(spec.dataset)
        spec = spec.with_default_net(dataset.is_images)
        split = data.split(dataset, hold_out="retrieval" in spec.objectives, seed=spec.seed)
        net = models.build(spec.net, dataset.input_shape, spec.embedding)
        models.embedding_size(net, dataset.input_shape)
        return cls(spec, dataset, split)

    @cached_property
    def record(self) -> TaskRecord:
        """The task as it is stored."""
        dataset, spec = self.dataset, self.spec
        return TaskRecord(
            dataset=DatasetRecord(
                name=dataset.name,
                source=dataset.source,
                fingerprint=dataset.fingerprint(),
                samples=len(dataset),
                num_classes=dataset.num_classes,
                input_shape=dataset.input_shape,
                class_names=dataset.class_names,
            ),
            net=spec.net,
            embedding=spec.embedding,
            epochs=spec.epochs,
            batch_size=spec.batch_size,
            hold_out=1 - len(self.split.trained_classes) / dataset.num_classes,
            split_seed=spec.seed,
        )

    def training_data(self, device: torch.device) -> TrainingData:
        """Gather the samples on a device: a search measures validation, an experiment test."""
        measured: Measured = "test" if self.spec.kind == "experiment" else "validation"
        return TrainingData.of(self.dataset, self.split, measured, device)


def pick_device(name: str) -> torch.device:
    """Return the device of a name; "auto" takes the first GPU, or the CPU where there is none.

    Raises:
        SweeperError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SweeperError(f"no device {name!r} here ({reason}); use --device cpu") from error
    return device
