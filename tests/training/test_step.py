"""A step asks for no value of a tensor: on tensors that have none, and among none that lie apart.

Tensors of the device 'meta' have shapes alone. A step that runs on them neither waits for a card
nor branches on what it holds, and does not copy to it: it can be captured.
"""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sweeper.registry.losses import LOSSES, loss_options
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS
from sweeper.training import FusedTrainer, TrainingRecipe

WITH_OPTIONS = [
    Setting.of("arcface", {"subcenters": 3, "m2": 0.3}),
    Setting.of("arcface", {"learn_scale": 1, "m2": 0.3}),
    Setting.of("cosface", {"warmup": 0.5, "m3": 0.2}),
    Setting.of("combined", {"subcenters": 2, "learn_scale": 1, "warmup": 0.5, "m1": 1.2}),
    Setting.of("a-softmax", {"anneal_from": 3.0, "anneal_rate": 0.5, "anneal_to": 0.2, "m1": 2}),
]
EVERYTHING = [
    *(Setting.of(loss, {}) for loss in LOSSES),
    *(Setting.of("softmax", {}, [term]) for term in TERMS),
    *WITH_OPTIONS,
]

#: What returns a value to the CPU, or a tensor whose size is one: a card has to be waited for. And
#: what makes a tensor of numbers, which are copied to the card (`torch.tensor`).
WAITS = {
    f"aten::{name}"
    for name in (
        *("_local_scalar_dense", "item", "is_nonzero", "equal", "allclose"),
        *("nonzero", "nonzero_static", "argwhere", "masked_select", "bincount"),
        *("lift_fresh", "lift_fresh_copy"),
        *("_unique", "_unique2", "unique_dim", "unique_consecutive"),
    )
}


class Forbidding(TorchDispatchMode):
    """Fails on what waits for a card, and on tensors that do not lie on the device."""

    def __init__(self, device):
        super().__init__()
        self.device = torch.device(device)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = func.name().partition(".")[0]
        assert name not in WAITS, f"{func} waits for the device"
        if name in ("aten::index", "aten::index_put", "aten::index_put_"):
            places = [each for each in args[1] if each is not None]
            assert not any(each.dtype in (torch.bool, torch.uint8) for each in places), func
        result = func(*args, **kwargs)
        for each in tree_leaves((args, kwargs, result)):
            if isinstance(each, torch.Tensor):
                assert each.device.type == self.device.type, f"{func} on {each.device}"
        return result


@pytest.fixture
def shapes_alone(make_data, monkeypatch):
    """Make an array of tensors without values, whose first steps are behind it."""
    # There is no autocast of shapes. What it does is PyTorch's own.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())

    def moved(samples):
        return type(samples)(samples.inputs.to("meta"), samples.labels.to("meta"))

    def make(settings, seeds, shape=(1, 8, 8), net="compact"):
        data = make_data(shape, classes=4)
        data = replace(
            data,
            **{name: moved(getattr(data, name)) for name in ("train", "validation", "measured")},
            mean=data.mean.to("meta"),
            std=data.std.to("meta"),
        )
        array = FusedTrainer(data, settings, seeds, TrainingRecipe(net, 4, 1, 16))
        for optimizer in array.optimizers:
            for direction in optimizer.directions:
                optimizer.adam.state[direction] = {
                    "step": torch.zeros((), dtype=torch.float32, device="meta"),
                    "exp_avg": torch.zeros_like(direction),
                    "exp_avg_sq": torch.zeros_like(direction),
                }
        return array

    return make


def take_step(array):
    """Take a step as it is captured, where nothing may wait; return what has moved."""
    data, like = array.data, array.data.mean
    inputs = like.new_empty(len(array.seeds), 16, *data.train.inputs.shape[1:])
    labels = torch.empty(len(array.take_step.total), 16, dtype=torch.int64, device="meta")
    moving = [p for optimizer in array.optimizers for p, _ in optimizer.parameters]
    before = [parameter._version for parameter in moving]
    with Forbidding("meta"):
        array.take_step.step(inputs, labels, like.new_empty(()))
    return [parameter._version > was for parameter, was in zip(moving, before, strict=True)]


def test_everything_is_here():
    assert {setting.loss for setting in EVERYTHING} == set(LOSSES)
    assert {term for setting in EVERYTHING for term in setting.terms} == set(TERMS)
    assert {name for setting in WITH_OPTIONS for name in loss_options() if setting[name]} == set(
        loss_options()
    )


@pytest.mark.parametrize("setting", EVERYTHING, ids=lambda setting: setting.describe())
def test_a_step_does_not_wait(shapes_alone, setting):
    assert all(take_step(shapes_alone([setting, setting], [0, 1])))


@pytest.mark.parametrize(
    ("net", "shape"),
    [("compact", (3, 8, 8)), ("four-layer", (3, 6, 6)), ("lenet", (1, 12, 12)), ("mlp", (6,))],
)
def test_nor_does_one_of_all_together(shapes_alone, net, shape):
    assert all(take_step(shapes_alone(EVERYTHING, [0, 1], shape, net)))


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.sum().item(),
        lambda x: x if x.any() else -x,
        lambda x: x.tolist(),
        lambda x: x.cpu(),
        lambda x: torch.equal(x, -x),
        lambda x: x[x > 0],
        lambda x: x.index_put((x > 0,), x.sum()),
        lambda x: x.masked_select(x > 0),
        lambda x: x.nonzero(),
        lambda x: x.unique(),
        lambda x: x.long().bincount(),
        lambda x: x.repeat_interleave((x > 0).long()),
        lambda x: x + torch.tensor([1.0, 2.0], device=x.device),
        lambda x: torch.where(x > 0, x, torch.zeros(())),
        lambda x: x[torch.arange(2)],
    ],
)
def test_what_waits_is_found(wait):
    with pytest.raises((AssertionError, RuntimeError)), Forbidding("meta"):
        wait(torch.ones(2, device="meta"))
