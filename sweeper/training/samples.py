"""What an array trains on and is measured on, as tensors on its device."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split

#: What is measured: the validation samples while choosing, the test samples once, at the end.
MeasuredSamples = Literal["validation", "test"]


@dataclass(frozen=True)
class Samples:
    """Inputs as stored (uint8 images ``[N, C, H, W]`` or embeddings ``[N, d]``), labels ``[N]``."""

    inputs: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TrainingData:
    """The samples of one split of a data set.

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
        their own where it is None.
        """

        def samples(index: Tensor, labels: Tensor) -> Samples:
            return Samples(dataset.inputs[index].to(device), labels.to(device))

        train = samples(split.train, split.train_labels)
        validation = samples(split.validation, split.validation_labels)
        held_out = split.held_out_validation
        chosen = validation
        if measured == "test":
            held_out = split.held_out_test
            chosen = samples(split.test, split.test_labels)
        mean, std = torch.zeros(()), torch.ones(())
        if dataset.is_images:
            mean, std = standardization or _channel_statistics(train.inputs)
        return cls(
            train=train,
            validation=validation,
            measured=chosen,
            held_out=samples(held_out, dataset.labels[held_out]) if len(held_out) else None,
            num_classes=len(split.trained_classes),
            mean=mean.to(device, dtype),
            std=std.to(device, dtype),
            dtype=dtype,
            autocast=autocast,
        )

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
