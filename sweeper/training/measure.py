"""Measuring the members of an array on samples they were not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sweeper import metrics
from sweeper.training.array import Array
from sweeper.training.samples import TrainingData


@dataclass(frozen=True)
class Measures:
    """What was measured, each with leading dimensions ``[R, K]``.

    Attributes:
        values: the objectives by name, ``[R, K]``.
        recall: the share of each class's samples that were classified rightly, ``[R, K, C]``.
        spread: the intra-class spread of each class at unit length, ``[R, K, C]``.
    """

    values: dict[str, Tensor]
    recall: Tensor
    spread: Tensor


def measure(array: Array, objectives: Sequence[str], data: TrainingData | None = None) -> Measures:
    """Measure objectives of every member: any of accuracy, retrieval and compactness.

    Accuracy and compactness are measured on the samples of the trained classes, retrieval (MAP@R)
    on those of the held-out classes. Accuracy is always there.

    Args:
        array: the trained members.
        objectives: what to measure.
        data: the samples to measure on, unless given those that the array came with.
    """
    data, shape = data or array.data, array.shape
    labels = data.measured.labels
    features = array.embed(data.measured.inputs)
    with torch.no_grad():
        logits = array.criterion.logits(features)
    values = {"accuracy": metrics.accuracy(logits, labels)}
    if "compactness" in objectives:
        values["compactness"] = metrics.compactness(features, labels, data.num_classes)
    if "retrieval" in objectives:
        if data.held_out is None:
            raise ValueError("retrieval is measured on held-out classes, and none were held out")
        held_out = array.embed(data.held_out.inputs)
        values["retrieval"] = metrics.map_at_r(held_out, data.held_out.labels)
    recall = metrics.class_recall(logits, labels, data.num_classes)
    spread = metrics.intra_class_spread(features, labels, data.num_classes, unit_length=True)
    return Measures(
        values={name: value.view(shape).cpu() for name, value in values.items()},
        recall=recall.view(*shape, -1).cpu(),
        spread=spread.view(*shape, -1).cpu(),
    )


def validation_accuracy(array: Array) -> Tensor:
    """Return the accuracy ``[R, K]`` on the validation samples alone, for the curve of an epoch."""
    samples = array.data.validation
    with torch.no_grad():
        logits = array.criterion.logits(array.embed(samples.inputs))
    return metrics.accuracy(logits, samples.labels).view(array.shape).cpu()
