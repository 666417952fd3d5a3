"""Measuring the members of an array on samples they were not trained on."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from sweeper import metrics
from sweeper.registry.lookup import resolve
from sweeper.registry.losses import LOSSES
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.training.fused_trainer import FusedTrainer
from sweeper.training.samples import TrainingData

#: Shares of impostors that verification may accept.
FAR = (1e-2, 1e-3)


@dataclass(frozen=True)
class Measures:
    """What was measured, each with leading dimensions ``[R, K]``.

    Attributes:
        values: the objectives and all else by name, ``[R, K]``; see `measure`.
        recall: the share of each class's samples that were classified rightly, ``[R, K, C]``.
        spread: the intra-class spread of each class at unit length, ``[R, K, C]``.
        plain_spread: the same of the embeddings as they are.
        confusion: how many samples of each class went to each class, ``[R, K, C, C]``.
    """

    values: dict[str, Tensor]
    recall: Tensor
    spread: Tensor
    plain_spread: Tensor
    confusion: Tensor

    @classmethod
    def joined(cls, measures: Sequence["Measures"]) -> "Measures":
        """Return the measures of several arrays of the same settings, seeds after seeds."""
        names = measures[0].values
        rest = [field.name for field in fields(cls) if field.name != "values"]
        return cls(
            {name: torch.cat([each.values[name] for each in measures]) for name in names},
            **{name: torch.cat([getattr(each, name) for each in measures]) for name in rest},
        )


def measure(
    trainer: FusedTrainer,
    objectives: Sequence[str],
    data: TrainingData | None = None,
    objectives_alone: bool = False,
) -> Measures:
    """Measure objectives of every member, and what else can be told from the same embeddings.

    On the samples of the trained classes accuracy, the other objectives that are measured there,
    calibration error and mean confidence (NaN of losses that do not classify), the smallest and the
    mean distance and angle between classes; where an objective is measured on held-out classes, on
    their samples that objective, recall@1 and the TAR of verification at two FAR.

    Args:
        trainer: of the members, trained.
        objectives: names of `sweeper.registry.objectives.OBJECTIVES`.
        data: the samples to measure on, unless given those that the array came with.
        objectives_alone: leaves all other values out, which take time; accuracy is always there.
    """
    data, shape = data or trainer.data, trainer.shape
    labels, num_classes = data.measured.labels, data.num_classes
    features = trainer.embed(data.measured.inputs)
    logits = trainer.logits(features)
    given = {
        "embeddings": features,
        "labels": labels,
        "logits": logits,
        "num_classes": num_classes,
    }
    values = {DEFAULT_OBJECTIVE: _value(DEFAULT_OBJECTIVE, given)}
    if not objectives_alone:
        probable = logits.masked_fill(_of_pairs(trainer), torch.nan)
        values |= {
            "calibration error": metrics.expected_calibration_error(probable, labels),
            "confidence": metrics.mean_confidence(probable),
            **_between_classes(features, labels, num_classes),
        }
    held_out = [name for name in objectives if OBJECTIVES[name].held_out]
    for name in objectives:
        if name not in held_out and name not in values:
            values[name] = _value(name, given)
    if held_out:
        if data.held_out is None:
            what = f"{held_out[0]} is measured on held-out classes"
            raise ValueError(f"{what}, and none were held out")
        samples = trainer.embed(data.held_out.inputs), data.held_out.labels
        values |= _of_held_out(held_out, *samples, objectives_alone)
    of_classes = {
        "recall": metrics.class_recall(logits, labels, num_classes),
        "spread": metrics.intra_class_spread(features, labels, num_classes, unit_length=True),
        "plain_spread": metrics.intra_class_spread(features, labels, num_classes),
        "confusion": metrics.confusion_matrix(logits, labels, num_classes),
    }
    return Measures(
        {name: value.view(shape).cpu() for name, value in values.items()},
        **{name: value.unflatten(0, shape).cpu() for name, value in of_classes.items()},
    )


def validation_accuracy(trainer: FusedTrainer) -> Tensor:
    """Return the accuracy ``[R, K]`` on the validation samples alone, for the curve of an epoch.

    In the precision of the training, which is faster: nothing is chosen by a curve. They stay on
    the device.
    """
    samples = trainer.data.validation
    logits = trainer.logits(trainer.embed(samples.inputs, exact=False))
    return metrics.accuracy(logits, samples.labels).view(trainer.shape)


def _between_classes(features: Tensor, labels: Tensor, num_classes: int) -> dict[str, Tensor]:
    """Measure how far class means are apart; nothing where only one class has samples."""
    if int((labels.bincount() > 0).sum()) < 2:
        return {}
    distance = metrics.inter_class_distance(features, labels, num_classes)
    angle = metrics.inter_class_angle(features, labels, num_classes)
    return {
        "inter-class distance": distance.mean,
        "smallest inter-class distance": distance.smallest,
        "inter-class angle": angle.mean,
        "smallest inter-class angle": angle.smallest,
    }


def _of_pairs(trainer: FusedTrainer) -> Tensor:
    """Return ``[M, 1, 1]``: which members have no classifier, whose logits are no probabilities."""
    pairs = [not LOSSES[setting.loss].has_classes for setting in trainer.settings] * len(
        trainer.seeds
    )
    return torch.tensor(pairs, device=trainer.data.device).view(-1, 1, 1)


def _value(objective: str, given: Mapping[str, object]) -> Tensor:
    """Call the metric of an objective with what it takes."""
    metric = resolve(OBJECTIVES[objective].metric)
    taken = inspect.signature(metric).parameters
    value: Tensor = metric(**{name: each for name, each in given.items() if name in taken})
    return value


def _of_held_out(
    objectives: Sequence[str], features: Tensor, labels: Tensor, objectives_alone: bool
) -> dict[str, Tensor]:
    """Measure embeddings of classes that were not trained on."""
    given = {"embeddings": features, "labels": labels}
    values = {name: _value(name, given) for name in objectives}
    if objectives_alone:
        return values
    values["recall@1"] = metrics.recall_at_1(features, labels)
    if len(labels.unique()) > 1:  # with one class there are no impostors
        tar = metrics.tar_at_far(features, labels, FAR)
        values |= {f"TAR at FAR {far:g}": tar[..., place] for place, far in enumerate(FAR)}
    return values
