"""What an array trains on and is measured on, as tensors on its device."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split

#: What is measured: the validation samples while choosing, the test samples once, at the end.
MeasuredSamples = Literal["validation", "test"]


@dataclass(frozen=True)
class Samples:
    """Inputs as stored (uint8 images ``[N, C, H, W]`` or embeddings ``[N, d]``) and labels.

    Attributes:
        inputs: of these samples, or of others, too.
        labels: ``[n]``.
        places: ``[n]``, where in the inputs each sample stands; None where they are all of them, in
            their order. So the samples of several folds share their inputs.
    """

    inputs: Tensor
    labels: Tensor
    places: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, index: Tensor) -> Tensor:
        """Return where in the inputs the samples of an index stand."""
        return index if self.places is None else self.places[index]

    def part(self, start: int, end: int) -> "Samples":
        """Return the samples from a start to before an end, with the same inputs."""
        index = torch.arange(len(self), device=self.labels.device)[start:end]
        return Samples(self.inputs, self.labels[start:end], self.at(index))

    def gathered(self) -> Tensor:
        """Return the inputs of these samples alone, ``[n, ...]``."""
        return self.inputs if self.places is None else self.inputs[self.places]


@dataclass(frozen=True)
class TrainingData:
    """The samples of one split of a data set.

    Where classes are held out each seed has a fold of its own, see `of_seed`; what stands here is
    that of seed 0.

    Attributes:
        train: what is trained on; labels from 0 to `num_classes` less one, label noise included.
        validation: samples of the same classes that are not trained on, for the curves.
        measured: what the objectives are measured on: the validation samples, or the test samples.
        held_out: samples of classes that are not trained on at all, or None.
        mean: per channel, ``[C, 1, 1]``, of the training images, or what the net's weights were
            trained with, ``[3, 1, 1]``; 0 for embeddings.
        std: likewise.
        dtype: of the nets' weights and of all that is measured.
        autocast: whether the nets are trained in bfloat16, their weights kept in `dtype`.
        folds: the data of all seeds, in turn; empty where all seeds have the same. They share their
            inputs, mean and std, and have as many classes.
    """

    train: Samples
    validation: Samples
    measured: Samples
    held_out: Samples | None
    num_classes: int
    mean: Tensor
    std: Tensor
    dtype: torch.dtype = torch.float32
    autocast: bool = False
    folds: tuple["TrainingData", ...] = ()

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        split: Split,
        measured: MeasuredSamples = "validation",
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        standardization: tuple[Tensor, Tensor] | None = None,
        autocast: bool = False,
    ) -> "TrainingData":
        """Gather the samples of a split on a device.

        Images get mean and std from `standardization`, see `sweeper.models.standardization`, and
        their own where it is None: those of the images that any fold trains on, so that all seeds
        standardize alike.
        """
        inputs = dataset.inputs
        splits = split.folds or (split,)
        mean, std = torch.zeros(()), torch.ones(())
        if dataset.is_images:
            trained = torch.cat([each.train for each in splits]).unique()
            mean, std = standardization or _channel_statistics(inputs[trained])
        if split.folds:
            inputs = inputs.to(device)

        def samples(index: Tensor, labels: Tensor) -> Samples:
            index, labels = index.to(inputs.device), labels.to(device)
            if split.folds:
                return Samples(inputs, labels, index)
            return Samples(inputs[index].to(device), labels)

        def of(each: Split) -> "TrainingData":
            validation = samples(each.validation, each.validation_labels)
            held_out, chosen = each.held_out_validation, validation
            if measured == "test":
                held_out = each.held_out_test
                chosen = samples(each.test, each.test_labels)
            return cls(
                train=samples(each.train, each.train_labels),
                validation=validation,
                measured=chosen,
                held_out=samples(held_out, dataset.labels[held_out]) if len(held_out) else None,
                num_classes=len(each.trained_classes),
                mean=mean.to(device, dtype),
                std=std.to(device, dtype),
                dtype=dtype,
                autocast=autocast,
            )

        folds = tuple(of(each) for each in splits)
        return replace(folds[0], folds=folds) if split.folds else folds[0]

    def of_seed(self, seed: int) -> "TrainingData":
        """Return what a seed trains on and is measured on."""
        return self.folds[seed % len(self.folds)] if self.folds else self

    @property
    def images_per_epoch(self) -> int:
        """How many samples an epoch draws: of every seed as many as that with the fewest has.

        So the seeds of an array have as many batches, of one size; alone each draws as many, too.
        Those that are left out are others in each epoch.
        """
        return min(len(each.train) for each in self.folds or (self,))

    @property
    def device(self) -> torch.device:
        """The device that holds the samples."""
        return self.train.inputs.device

    def batch(self, inputs: Tensor) -> Tensor:
        """Turn stored inputs into what the nets take: standardized images, or plain embeddings."""
        return (inputs.to(self.dtype) - self.mean) / self.std


def _channel_statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel as ``[C, 1, 1]``, without a float copy."""
    values = torch.arange(256, dtype=torch.float64)
    mean, std = [], []
    for channel in range(images.shape[1]):
        counts = torch.bincount(images[:, channel].flatten().int(), minlength=256).double().cpu()
        center = (counts * values).sum() / counts.sum()
        mean.append(center)
        std.append((counts * (values - center) ** 2).sum().div(counts.sum()).sqrt())
    # A channel without variation stays at 0 rather than becoming infinite.
    return (
        torch.stack(mean).view(-1, 1, 1),
        torch.stack(std).clamp(min=1.0).view(-1, 1, 1),
    )
