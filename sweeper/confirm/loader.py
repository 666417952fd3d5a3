"""The program that loads an exported net and its loss."""

from sweeper import models
from sweeper.data.images.transform import ImageTransform
from sweeper.models.portable import portable
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.study.open_study import OpenStudy

_LOAD = '''\
"""Loads the net and the loss that lie beside this file, see setting.json; needs sweeper."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
{image_imports}
from sweeper.losses import {loss_name}
from sweeper.models import build
{imports}
#: What reading did to the data and what was found in them.
NOTES = {notes}


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
    net.register_forward_pre_hook(_in_float32)
    loss = {loss}
    loss.load_state_dict(saved["loss"])

    def prepare(images: Tensor) -> Tensor:
        return (images.to(mean) - mean) / std

    return net.eval(), loss.eval(), prepare


def _in_float32(net: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Let the net take float64, as NumPy has it."""
    return tuple(x.float() if getattr(x, "dtype", None) == torch.float64 else x for x in inputs)

{read}
if __name__ == "__main__":
    net, loss, prepare = load()
    features = net(prepare(torch.zeros({two!r})))
    print(f"features {{tuple(features.shape)}}, logits {{tuple(loss.logits(features).shape)}}")
'''

_READ = '''
def read(*files: str | Path) -> Tensor:
    """Return image files as the net was trained on them, uint8 [n, C, H, W], for `prepare`.

    {transform}.
    """
    transform = {code}
    return read_alike([image_file(Path(file)) for file in files], transform)

'''


def loader(opened: OpenStudy, setting: Setting) -> str:
    """Return the text of a program with ``load()`` and, for image files, ``read(*files)``."""
    spec, dataset = opened.spec, opened.task.dataset
    net = portable(spec.net, dataset.input_shape, spec.embedding)
    pairs = not LOSSES[setting.loss].has_classes
    transform = dataset.transform
    return _LOAD.format(
        loss_name="NearestMean" if pairs else "make_loss",
        loss_is="the class means that take the place of a loss" if pairs else "its loss",
        imports="" if pairs else "from sweeper.registry.setting import Setting\n",
        image_imports=_IMAGE_IMPORTS if transform else "",
        loss=_loss(opened, setting),
        inputs="values from 0 to 255 [B, C, H, W]"
        if len(net.input_shape) == 3
        else "embeddings [B, d]",
        net=net.code,
        two=(2, *net.input_shape),
        notes=_listed(dataset.notes),
        read=_READ.format(transform=transform, code=_indented(transform)) if transform else "",
    )


_IMAGE_IMPORTS = """
from sweeper.data.images.files import image_file, read_alike
from sweeper.data.images.transform import ImageTransform"""


def _listed(notes: tuple[str, ...]) -> str:
    """Return a tuple of texts as Python, one a line."""
    return "(" + "".join(f"\n    {note!r}," for note in notes) + ("\n)" if notes else ")")


def _indented(transform: ImageTransform) -> str:
    fields = "".join(f"\n        {k}={v!r}," for k, v in transform.to_dict().items())
    return f"ImageTransform({fields}\n    )"


def _loss(opened: OpenStudy, setting: Setting) -> str:
    """Return the Python expression that builds what classifies."""
    spec, task = opened.spec, opened.task
    sizes = f"{len(task.split.trained_classes)}, {feature_size(opened)}"
    if not LOSSES[setting.loss].has_classes:
        return f"NearestMean({sizes})"
    numbers = {name: setting[name] for name in setting.names}
    if setting["warmup"]:
        sizes += f", training_steps={spec.epochs * steps_per_epoch(opened)}"
    return f"make_loss(Setting.of({setting.loss!r}, {numbers!r}), {sizes})"


def feature_size(opened: OpenStudy) -> int:
    """Return how many features the net of a study gives."""
    spec, shape = opened.spec, opened.task.dataset.input_shape
    return models.embedding_size(models.build(spec.net, shape, spec.embedding), shape)


def steps_per_epoch(opened: OpenStudy) -> int:
    """Return how many batches an epoch of a study has."""
    split = opened.task.split
    return opened.spec.recipe.steps_per_epoch(split.train_labels, split.images_per_epoch)
