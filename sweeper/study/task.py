"""A study's data, loaded and split."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper import data, models
from sweeper.data import Dataset, Split
from sweeper.data.embedded_dataset import EmbeddedDataset
from sweeper.data.paths import data_root
from sweeper.data.tested import tested_digests, tested_fingerprint
from sweeper.errors import SweeperError, UsageError
from sweeper.models.frozen import is_frozen
from sweeper.models.frozen_features import cached_features
from sweeper.models.pretrained import digest
from sweeper.registry.objectives import needs_held_out, only_held_out
from sweeper.repository.meta_features.measure import meta_features
from sweeper.store import DatasetRecord, TaskRecord, measured_split
from sweeper.study import task_checks
from sweeper.study.loaded_data import Loaded
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainingData, fitting_budget, has_bfloat16
from sweeper.training.net_failures import net_failures


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
            SweeperError: the data are not there, broken, or too few to be split or measured; the
                user's own net cannot be built.
        """
        spec, dataset = load_data(spec)
        split = split_of(spec, dataset)
        with net_failures(spec.net):
            net = models.build(spec.net, dataset.input_shape, spec.embedding)
        models.embedding_size(net, dataset.input_shape)
        task_checks.check(spec, dataset, split, net)
        folds = tuple(each.trained_classes for each in split.folds)
        loaded = Loaded(
            digest(spec.net),
            folds=folds,
            tested=tested_fingerprint(dataset, split),
            images=dataset.transform.to_dict() if dataset.transform else None,
            notes=dataset.notes,
        )
        return cls(spec.with_loaded(loaded), dataset, split)

    def sized(self) -> "Task":
        """Return the task with epochs and batches that suit its data, see `sized_spec`."""
        return replace(self, spec=sized_spec(self.spec, self.split.images_per_epoch))

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
            split_fingerprint=self.split.fingerprint(),
            protocol=json.dumps(spec.protocol.to_dict(), sort_keys=True),
        )

    @cached_property
    def features(self) -> dict[str, float]:
        """The meta-features of what is trained on: a net sees no more of the data than they do.

        Where each seed trains on other classes, their mean.
        """
        every = [
            meta_features(self.dataset.inputs[each.train], each.train_labels)
            for each in self.split.folds or (self.split,)
        ]
        return {name: fmean(features[name] for features in every) for name in every[0]}

    @cached_property
    def tested_digests(self) -> NDArray[np.uint64]:
        """A number for each distinct sample that the test reads, uint64 ``[n]``, ascending."""
        return tested_digests(self.dataset, self.split)

    def training_data(self, device: torch.device, exact: bool = False) -> TrainingData:
        """Gather the samples on a device: a search measures validation, an experiment test.

        Args:
            device: that holds them.
            exact: trains in float32, whatever the study's precision.
        """
        precision = "float32" if exact else self.spec.precision
        return TrainingData.of(
            self.dataset,
            self.split,
            measured_split(self.spec.kind),
            device,
            standardization=models.standardization(self.spec.net),
            autocast=precision == "bfloat16" or (precision == "auto" and has_bfloat16(device)),
        )


def load_data(spec: StudySpec) -> tuple[StudySpec, Dataset]:
    """Load what a study trains on, and settle the study's names.

    They become canonical, so that a worker in another folder finds data and weights, too. Of a net
    with a frozen body the data are its features.

    Raises:
        UsageError: the data set or the net is unknown, or they do not fit each other.
        SweeperError: the data or the weights are not there, or broken.
    """
    dataset = load_inputs(spec)
    spec = spec.with_default_net(dataset.is_images)
    names = {"dataset": dataset.name, "net": models.canonical(spec.net)}
    spec = spec.model_copy(update=names)
    if is_frozen(spec.net):
        features = cached_features(
            dataset.inputs,
            dataset.fingerprint(),
            spec.net,
            data_root() / "embeddings",
            pick_device("auto"),
        )
        dataset = EmbeddedDataset.of(dataset, *features)
    return spec, dataset


def require_net(spec: StudySpec) -> None:
    """See to it that there is a net of a study's name, before any data are read.

    Raises:
        UsageError: there is none; says which are near.
    """
    if spec.net != "auto":
        models.require_name(spec.net)


def load_inputs(spec: StudySpec) -> Dataset:
    """Load a study's images or embeddings themselves, whatever a frozen body makes of them.

    Raises:
        UsageError: the data set or the net is unknown.
        SweeperError: the data or the weights are not there, or broken.
    """
    size = None if spec.net == "auto" else models.image_size(spec.net)
    try:
        return data.load(spec.dataset, size and data.ImageSize(*size))
    except UsageError:
        raise
    except SweeperError as error:
        if spec.stand_in is None:
            raise
        raise SweeperError(f"{error}; without them, `sweeper run {spec.stand_in}`") from error


def split_of(spec: StudySpec, dataset: Dataset) -> Split:
    """Return how a study splits its data.

    Raises:
        SweeperError: they are too few to be split or measured.
    """
    return data.split(
        dataset,
        hold_out=needs_held_out(spec.objectives),
        seed=spec.seed,
        retrieval_alone=only_held_out(spec.objectives),
    )


def sized_spec(spec: StudySpec, images: int) -> StudySpec:
    """Return a study with epochs and batches that suit so many images, where none were given.

    For a data set without a study file, see `fitting_budget`.
    """
    given = spec.model_fields_set
    fitting = fitting_budget(images, spec.batch_size if "batch_size" in given else None)
    missing = {name: value for name, value in fitting._asdict().items() if name not in given}
    return spec.updated(spec.name, **missing)


def pick_devices(name: str) -> list[torch.device]:
    """Return the devices of a name; "auto" takes all GPUs, or the CPU where there are none.

    Raises:
        UsageError: there is no kind of device of this name.
        SweeperError: there is no such device here.
    """
    if name == "auto":
        gpus = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
        return gpus or [torch.device("cpu")]
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda") or not (index.isdecimal() or not index):
        raise UsageError(f"unknown device {name!r}; known: auto, cpu, cuda, cuda:0, cuda:1, ...")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0].partition(". ")[0]  # PyTorch goes on with links
        raise SweeperError(f"no device {name!r} here ({reason}); use --device cpu") from error
    return [device]


def pick_device(name: str) -> torch.device:
    """Return the first device of a name, see `pick_devices`."""
    return pick_devices(name)[0]
