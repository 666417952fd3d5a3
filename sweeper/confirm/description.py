"""What is exported beside a winner's weights: all that it takes to train it again elsewhere."""

import math
from typing import Any

from torch import Tensor

from sweeper import __version__
from sweeper.confirm.confirmation import Winner
from sweeper.confirm.loader import feature_size, steps_per_epoch
from sweeper.confirm.refit import Refit
from sweeper.confirm.verdict import exported, verdict
from sweeper.models import net_name
from sweeper.models.portable import portable
from sweeper.registry.setting import Setting
from sweeper.repository.own_studies import short_name
from sweeper.store import Confirmation
from sweeper.study.open_study import OpenStudy


def describe(
    opened: OpenStudy, confirmation: Confirmation, winner: Winner, mean: Tensor, std: Tensor
) -> dict[str, Any]:
    """Return it as plain values for JSON.

    Args:
        opened: the study.
        confirmation: its confirmation.
        winner: what is exported.
        mean: of each channel of the images, or 0 for embeddings.
        std: likewise.
    """
    return {
        **_trained(opened, winner, mean, std),
        **_measured(opened, confirmation),
        **_again(winner),
    }


def describe_refit(
    opened: OpenStudy, confirmation: Confirmation, refit: Refit, mean: Tensor, std: Tensor
) -> dict[str, Any]:
    """Return it of weights trained on all samples; the figures stand under ``confirmed``.

    Args:
        opened: the study, with its own split.
        confirmation: its confirmation.
        refit: what is exported.
        mean: of each channel of all images, or 0 for embeddings.
        std: likewise.
    """
    return {
        **_trained(refit.opened, refit.winner, mean, std),
        "refit": {
            "trained_on": "all samples: train, validation and test",
            "measured_on": None,
            "notes": [refit.caution, refit.budget],
        },
        "confirmed": {
            "training": _training(opened, refit.winner),
            **_measured(opened, confirmation),
        },
    }


def _trained(opened: OpenStudy, winner: Winner, mean: Tensor, std: Tensor) -> dict[str, Any]:
    """Return what was trained, and how."""
    task = opened.task
    trained = task.split.of_seed(winner.seed).trained_classes
    return {
        "sweeper": __version__,
        "study": opened.stored.name,
        "dataset": short_name(task.dataset.name),
        "fingerprint": opened.stored.task.dataset.fingerprint,
        "classes": [task.dataset.class_names[c] for c in trained],
        "net": net_name.short_name(opened.spec.net),
        "embedding": feature_size(opened),
        "trial": winner.trial.number,
        "setting": _own(winner.trial.setting),
        "seed": winner.seed,
        "training": _training(opened, winner),
        "inputs": _inputs(opened, mean, std),
    }


def _measured(opened: OpenStudy, confirmation: Confirmation) -> dict[str, Any]:
    """Return the split, and what was measured of the confirmed weights."""
    task, objective = opened.task, opened.spec.objectives[0]
    return {
        "split": {
            "seed": task.split.seed,
            "held_out_classes": opened.stored.task.hold_out,
            "fingerprint": opened.stored.task.split_fingerprint,
        },
        "verdict": [*verdict(confirmation, objective), exported(confirmation, objective)],
        "test_data_read_before": [read.to_dict() for read in confirmation.earlier],
        **{
            split: {
                measure: {str(seed): _finite(value) for seed, value in by_seed.items()}
                for measure, by_seed in measures.items()
            }
            for split, measures in confirmation.values[confirmation.winner].items()
        },
    }


def _again(winner: Winner) -> dict[str, Any]:
    """Return what the weights have on validation data, where they are not those of the figures."""
    if winner.again is None:
        return {}
    values = {name: _finite(value) for name, value in winner.again.items()}
    return {"trained_again": {"validation": values}}


def _own(setting: Setting) -> dict[str, Any]:
    """Return what a setting says of its loss, of the terms beside it and of the optimizer."""
    terms = {"beside": list(setting.terms)} if setting.terms else {}
    return {"loss": setting.loss, **terms, **{name: setting[name] for name in setting.names}}


def _training(opened: OpenStudy, winner: Winner) -> dict[str, Any]:
    """Return how it was trained, apart from its loss."""
    spec, setting = opened.spec, winner.trial.setting
    split = opened.task.split.of_seed(winner.seed)
    steps = steps_per_epoch(opened)
    protocol = spec.protocol
    return {
        "epochs": spec.epochs,
        "batch_size": protocol.batch(len(split.trained_classes), spec.batch_size),
        "per_class": spec.per_class,
        "samples": len(split.train),
        "steps_per_epoch": steps,
        "optimizer": {
            "name": "AdamW",
            "lr": setting["lr"],
            "weight_decay": setting["weight_decay"],
            "betas": [0.9, 0.999],
            "eps": 1e-8,
        },
        "schedule": {
            "name": "cosine",
            "from": setting["lr"],
            "to": 0.0,
            "lowered": f"after each {spec.decay}",
            "steps": spec.epochs * steps,
        },
        "augmentation": spec.augmentation.model_dump(),
        "precision": "float32",
    }


def _inputs(opened: OpenStudy, mean: Tensor, std: Tensor) -> dict[str, Any]:
    """Return what the net takes, and how files become it."""
    spec, dataset = opened.spec, opened.task.dataset
    transform = dataset.transform
    images = dataset.is_images or transform is not None
    said = {"read_as": str(transform), "transform": transform.to_dict()} if transform else {}
    return {
        "kind": "images" if images else "embeddings",
        "shape": list(portable(spec.net, dataset.input_shape, spec.embedding).input_shape),
        **({"values": "0 to 255"} if images else {}),
        **said,
        **({"mean": mean.flatten().tolist(), "std": std.flatten().tolist()} if images else {}),
        "notes": list(dataset.notes),
    }


def _finite(value: float) -> float | None:
    """Return what JSON can hold."""
    return value if math.isfinite(value) else None
