"""The winner of a confirmation in a folder: weights, how to load them, and how they came about."""

import contextlib
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from sweeper import models
from sweeper.confirm.confirmation import Winner
from sweeper.errors import SweeperError, UsageError
from sweeper.models import net_name
from sweeper.models.portable import Portable, portable
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.repository.own_studies import short_name
from sweeper.store import Confirmation
from sweeper.study.open_study import OpenStudy

_WEIGHTS, _CODE, _ABOUT = "weights.pt", "load.py", "setting.json"

#: More characters of a study's name do not go into that of a folder.
_LONGEST = 100

_LOAD = '''\
"""Loads the net and the loss that lie beside this file, see setting.json; needs sweeper."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from sweeper.losses import {loss_name}
from sweeper.models import build
{imports}

def load() -> tuple[nn.Module, nn.Module, Callable[[Tensor], Tensor]]:
    """Return the net, ready for use, {loss_is}, and what standardizes inputs for the net.

    With `images` as the data set has them, {inputs}:
    `features = net(prepare(images))`, `classes = loss.logits(features).argmax(-1)`, by their places
    among the classes of setting.json.
    """
    saved = torch.load(Path(__file__).with_name("weights.pt"), weights_only=True)
    mean, std = saved["mean"], saved["std"]
    net = {net}
    net.load_state_dict(saved["net"])
    loss = {loss}
    loss.load_state_dict(saved["loss"])

    def prepare(images: Tensor) -> Tensor:
        return (images.to(mean) - mean) / std

    return net.eval(), loss.eval(), prepare


if __name__ == "__main__":
    net, loss, prepare = load()
    features = net(prepare(torch.zeros({two!r})))
    print(f"features {{tuple(features.shape)}}, logits {{tuple(loss.logits(features).shape)}}")
'''


def default_folder(study_name: str) -> Path:
    """Return the folder of a study's winner where the user names none."""
    safe = re.sub(r"[^\w.-]+", "-", study_name)[:_LONGEST].strip("-.")
    return Path(f"{safe or 'study'}-winner")


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """Make the folder, before anything is trained for it; after an error it is as it was before.

    Raises:
        UsageError: there is something in it already.
        SweeperError: it cannot be made.
    """
    there = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except FileExistsError:
        raise UsageError(f"{folder} is no folder; choose another with -o") from None
    except OSError as error:
        raise SweeperError(f"{folder}: {error.strerror}; choose another folder with -o") from error
    if taken:
        raise UsageError(f"folder {folder} is not empty; choose another with -o")
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # what ended the work is what the user hears of
            for name in (_WEIGHTS, _CODE, _ABOUT):
                (folder / name).unlink(missing_ok=True)
            if not there:
                folder.rmdir()
        raise


def export(folder: Path, opened: OpenStudy, confirmation: Confirmation, winner: Winner) -> None:
    """Write ``weights.pt``, ``load.py`` and ``setting.json`` into a folder that is there.

    Raises:
        SweeperError: they cannot be written.
    """
    task, spec = opened.task, opened.spec
    net = portable(spec.net, task.dataset.input_shape, spec.embedding, winner.net)
    data = task.training_data(torch.device("cpu"))
    mean, std = net.standardization or (data.mean, data.std)
    weights = {"net": net.state, "loss": winner.loss, "mean": mean, "std": std}
    description = json.dumps(
        _description(opened, confirmation, winner), indent=2, ensure_ascii=False, allow_nan=False
    )
    try:
        torch.save(weights, folder / _WEIGHTS)
        (folder / _CODE).write_text(_loader(net, opened, winner), encoding="utf-8")
        (folder / _ABOUT).write_text(description + "\n", encoding="utf-8")
    except (OSError, RuntimeError) as error:  # torch.save has errors of its own
        said = getattr(error, "strerror", None) or str(error)
        raise SweeperError(f"{folder}: the weights cannot be written: {said}") from error


def _loader(net: Portable, opened: OpenStudy, winner: Winner) -> str:
    """Write a program that loads the weights."""
    setting = winner.trial.setting
    pairs = not LOSSES[setting.loss].has_classes
    return _LOAD.format(
        loss_name="NearestMean" if pairs else "make_loss",
        loss_is="the class means that take the place of a loss" if pairs else "its loss",
        imports="" if pairs else "from sweeper.registry.setting import Setting\n",
        loss=_loss(opened, setting),
        inputs="values from 0 to 255 [B, C, H, W]"
        if len(net.input_shape) == 3
        else "embeddings [B, d]",
        net=net.code,
        two=(2, *net.input_shape),
    )


def _loss(opened: OpenStudy, setting: Setting) -> str:
    """Return the Python expression that builds what classifies."""
    spec, task = opened.spec, opened.task
    shape = task.dataset.input_shape
    net = models.build(spec.net, shape, spec.embedding)
    size = models.embedding_size(net, shape)
    sizes = f"{len(task.split.trained_classes)}, {size}"
    if not LOSSES[setting.loss].has_classes:
        return f"NearestMean({sizes})"
    numbers = {name: setting[name] for name in setting.names}
    if setting["warmup"]:
        split = task.split
        steps = spec.epochs * spec.recipe.steps_per_epoch(
            split.train_labels, split.images_per_epoch
        )
        sizes += f", training_steps={steps}"
    return f"make_loss(Setting.of({setting.loss!r}, {numbers!r}), {sizes})"


def _description(opened: OpenStudy, confirmation: Confirmation, winner: Winner) -> dict[str, Any]:
    task, values = opened.task, confirmation.values[confirmation.winner]
    trained = task.split.of_seed(winner.seed).trained_classes
    return {
        "study": opened.stored.name,
        "dataset": short_name(task.dataset.name),
        "fingerprint": opened.stored.task.dataset.fingerprint,
        "classes": [task.dataset.class_names[c] for c in trained],
        "net": net_name.short_name(opened.spec.net),
        "trial": winner.trial.number,
        "setting": _own(winner.trial.setting),
        "seed": winner.seed,
        **{
            split: {
                measure: {str(seed): _finite(value) for seed, value in by_seed.items()}
                for measure, by_seed in measures.items()
            }
            for split, measures in values.items()
        },
    }


def _own(setting: Setting) -> dict[str, Any]:
    """Return what a setting says of its loss, of the terms beside it and of the optimizer."""
    terms = {"beside": list(setting.terms)} if setting.terms else {}
    return {"loss": setting.loss, **terms, **{name: setting[name] for name in setting.names}}


def _finite(value: float) -> float | None:
    """Return what JSON can hold."""
    return value if math.isfinite(value) else None
