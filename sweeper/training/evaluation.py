"""Measuring the members of an array on samples they were not trained on."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from sweeper import metrics
from sweeper.registry.lookup import resolve
from sweeper.registry.losses import LOSSES
from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    DEFAULT_OBJECTIVE,
    MAJORITY_BASELINE,
    OBJECTIVES,
)
from sweeper.training.fused_trainer import FusedTrainer
from sweeper.training.samples import Samples, TrainingData

#: Shares of impostors that verification may accept.
FAR = (1e-2, 1e-3)

#: Samples whose logits are looked at together for a curve.
_BLOCK = 1024


@dataclass(frozen=True)
class Measures:
    """What was measured, each with leading dimensions ``[R, K]``.

    Attributes:
        values: the objectives and all else by name, ``[R, K]``; see `measure`. C is 0 below where
            no samples of the trained classes are spared.
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
        names = [name for name in measures[0].values if all(name in m.values for m in measures)]
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

    On the samples of the trained classes, where any are spared, accuracy with balanced accuracy and
    the share of the largest class, the other objectives that are measured there, calibration error
    and mean confidence (NaN of losses that do not classify), the smallest and the mean distance and
    angle between classes; where an objective is measured on held-out classes, on their samples that
    objective, recall@1 and the TAR of verification at two FAR.

    Args:
        trainer: of the members, trained.
        objectives: names of `sweeper.registry.objectives.OBJECTIVES`.
        data: the samples to measure on, unless given those that the array came with.
        objectives_alone: leaves all other values out, which take time; accuracy and what stands
            beside it are always there where there are samples for it.
    """
    data = data or trainer.data
    of_seeds = [data.of_seed(seed) for seed in trainer.seeds]
    on_held_out = [name for name in objectives if OBJECTIVES[name].held_out]
    on_trained = [name for name in objectives if name not in on_held_out]
    held_out = [_held_out(each, on_held_out[0]) for each in of_seeds] if on_held_out else []
    features = logits = None
    if all(len(each.measured) for each in of_seeds):
        features = trainer.embed_own([each.measured for each in of_seeds])
        logits = trainer.logits(features)
    of_others = trainer.embed_own(held_out) if held_out else None
    pairs = _of_pairs(trainer)
    # The members of seeds with the same samples at once; all of them where no class is held out.
    rows: dict[int, list[int]] = {}
    for r, each in enumerate(of_seeds):
        rows.setdefault(id(each), []).append(r)
    parts: list[tuple[list[int], dict[str, Tensor], dict[str, Tensor]]] = []
    for seeds in rows.values():
        own, members = of_seeds[seeds[0]], _members(trainer, seeds)
        values: dict[str, Tensor] = {}
        of_classes = _of_no_classes(len(pairs[members]), data.mean)
        if features is not None and logits is not None:
            seen = slice(len(own.measured))
            values, of_classes = _of_trained(
                features[members, seen],
                logits[members, seen],
                own.measured.labels,
                data.num_classes,
                on_trained,
                None if objectives_alone else pairs[members],
            )
        if of_others is not None:
            labels = held_out[seeds[0]].labels
            others = of_others[members, : len(labels)]
            values |= _of_held_out(on_held_out, others, labels, objectives_alone)
        parts.append((seeds, values, of_classes))
    return _joined(parts, trainer.shape)


def validation_accuracy(trainer: FusedTrainer) -> Tensor:
    """Return the accuracy ``[R, K]`` on the validation samples alone, for the curve of an epoch.

    In the precision of the training, which is faster: nothing is chosen by a curve. They stay on
    the device. NaN where the trained classes spare no samples.
    """
    samples = [each.validation for each in trainer.of_seeds]
    if not all(map(len, samples)):
        return torch.full(trainer.shape, torch.nan, device=trainer.data.device)
    if not trainer.data.folds:
        return _accuracy(trainer, samples[0])
    logits = trainer.logits(trainer.embed_own(samples, exact=False))
    each = zip(logits.unflatten(0, trainer.shape), samples, strict=True)
    return torch.stack([metrics.accuracy(own[:, : len(of)], of.labels) for own, of in each])


def _accuracy(trainer: FusedTrainer, samples: Samples) -> Tensor:
    """Return the accuracy ``[R, K]`` on samples that all seeds have, block by block.

    The logits of a thousand classes are larger than any cache, and more than the allocator keeps.
    """
    size = len(samples) if trainer.criterion.needs_means else _BLOCK
    right = torch.zeros(trainer.shape, dtype=torch.float64, device=trainer.data.device)
    for start in range(0, len(samples), size):
        block = samples.part(start, start + size)
        logits = trainer.logits(trainer.embed(block.gathered(), exact=False))
        share = metrics.accuracy(logits, block.labels).view(trainer.shape)
        right += (share.double() * len(block)).round()
    return (right / len(samples)).float()


def _held_out(data: TrainingData, objective: str) -> Samples:
    if data.held_out is None:
        raise ValueError(f"{objective} is measured on held-out classes, and none were held out")
    return data.held_out


def _members(trainer: FusedTrainer, seeds: list[int]) -> slice | Tensor:
    """Return the members with the seeds at these places; of all without a copy."""
    if len(seeds) == len(trainer.seeds):
        return slice(None)
    count = len(trainer.settings)
    starts = torch.tensor(seeds, device=trainer.data.device).unsqueeze(1) * count
    return (starts + torch.arange(count, device=trainer.data.device)).flatten()


def _joined(
    parts: Sequence[tuple[list[int], dict[str, Tensor], dict[str, Tensor]]], shape: tuple[int, int]
) -> Measures:
    """Put the measures of members together, in the order of the seeds."""
    order = torch.tensor([r for seeds, _, _ in parts for r in seeds]).argsort()

    def put(of: list[Tensor]) -> Tensor:
        rows = [
            value.unflatten(0, (len(seeds), shape[1])).cpu()
            for value, (seeds, _, _) in zip(of, parts, strict=True)
        ]
        return torch.cat(rows)[order]

    # What not all seeds have, none has: with a single class left nothing lies between classes.
    names = [name for name in parts[0][1] if all(name in values for _, values, _ in parts)]
    return Measures(
        {name: put([values[name] for _, values, _ in parts]) for name in names},
        **{name: put([of[name] for _, _, of in parts]) for name in parts[0][2]},
    )


def _of_trained(
    features: Tensor,
    logits: Tensor,
    labels: Tensor,
    num_classes: int,
    objectives: Sequence[str],
    pairs: Tensor | None,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Measure members ``[m, n, ...]`` on samples of trained classes: values, and of each class.

    Args:
        features: the embeddings.
        logits: without margin.
        labels: ``[n]``.
        num_classes: C.
        objectives: those of trained classes; accuracy is always measured.
        pairs: ``[m, 1, 1]``, which members have no classifier; None for objectives alone.
    """
    given = {
        "embeddings": features,
        "labels": labels,
        "logits": logits,
        "num_classes": num_classes,
    }
    accuracy = _value(DEFAULT_OBJECTIVE, given)
    values = {
        DEFAULT_OBJECTIVE: accuracy,
        BALANCED_ACCURACY: metrics.balanced_accuracy(logits, labels, num_classes),
        # Of what diverged nothing is measured.
        MAJORITY_BASELINE: metrics.majority_baseline(labels).where(accuracy.isfinite(), accuracy),
    }
    if pairs is not None:
        probable = logits.masked_fill(pairs, torch.nan)
        values |= {
            "calibration error": metrics.expected_calibration_error(probable, labels),
            "confidence": metrics.mean_confidence(probable),
            **_between_classes(features, labels, num_classes),
        }
    for name in objectives:
        if name not in values:
            values[name] = _value(name, given)
    return values, {
        "recall": metrics.class_recall(logits, labels, num_classes),
        "spread": metrics.intra_class_spread(features, labels, num_classes, unit_length=True),
        "plain_spread": metrics.intra_class_spread(features, labels, num_classes),
        "confusion": metrics.confusion_matrix(logits, labels, num_classes),
    }


def _of_no_classes(members: int, like: Tensor) -> dict[str, Tensor]:
    """Return what is measured of each class where no samples of any are spared."""
    none, confusion = like.new_empty(members, 0), like.new_empty(members, 0, 0, dtype=torch.long)
    return {"recall": none, "spread": none, "plain_spread": none, "confusion": confusion}


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
