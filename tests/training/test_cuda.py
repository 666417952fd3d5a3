"""The array on a CUDA device against the CPU, and replayed steps against steps, in float64."""

import logging
from dataclasses import replace

import pytest
import torch

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS
from sweeper.training import FusedTrainer, TrainingData, TrainingRecipe, measure

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")

SETTINGS = [Setting("softmax"), Setting("arcface", m2=0.3, scale=16), Setting("cosface", m3=0.2)]


def on(data, device):
    def moved(samples):
        return type(samples)(samples.inputs.to(device), samples.labels.to(device))

    return TrainingData(
        *(moved(part) for part in (data.train, data.validation, data.measured, data.held_out)),
        num_classes=data.num_classes,
        mean=data.mean.to(device),
        std=data.std.to(device),
        dtype=data.dtype,
    )


def test_a_card_gives_what_the_cpu_gives(make_data):
    data = make_data(held_out=True)
    torch.cuda.manual_seed(5)
    before = torch.cuda.get_rng_state()
    arrays = [
        FusedTrainer(on(data, device), SETTINGS, [0, 1], TrainingRecipe("compact", 4, 3, 16))
        for device in ("cpu", "cuda")
    ]
    assert torch.cuda.get_rng_state().equal(before)
    for epoch in range(3):
        losses = [array.train_epoch().cpu() for array in arrays]
        torch.testing.assert_close(losses[0], losses[1], rtol=1e-8, atol=1e-8)
        if epoch == 0:
            for array in arrays:
                array.keep([0, 2])
    measures = [measure(array, ["retrieval", "compactness"]) for array in arrays]
    for name in ("accuracy", "retrieval", "compactness"):
        values = [found.values[name].double() for found in measures]
        torch.testing.assert_close(*values, rtol=1e-6, atol=1e-6)


EVERYTHING = [
    *(Setting.of(loss, {"lr": 3e-3}) for loss in LOSSES),
    *(Setting.of("softmax", {"weight_decay": 0.1, "term_lr": 0.1}, [term]) for term in TERMS),
    Setting.of("arcface", {"subcenters": 3, "learn_scale": 1, "m2": 0.3, "scale": 8}),
    Setting.of("cosface", {"warmup": 0.5, "m3": 0.2, "scale": 8}),
]


def replayed_and_eager(data, settings=EVERYTHING):
    """Two arrays with batches of 15 and 16 samples, the second of which captures nothing."""
    arrays = [
        FusedTrainer(data, settings, [0, 1], TrainingRecipe("compact", 4, 6, 16)) for _ in range(2)
    ]
    assert arrays[0].take_step.graphs is not None
    arrays[1].take_step.graphs = None
    return arrays


@pytest.mark.parametrize("autocast", [False, True], ids=["float64", "bfloat16"])
def test_replayed_steps_give_what_steps_give(make_data, monkeypatch, autocast):
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    dtype, settings, tolerance = torch.float64, EVERYTHING, 1e-7
    if autocast:  # which leaves float64 as it is
        dtype, settings, tolerance = torch.float32, SETTINGS, 1e-2
    data = on(make_data(classes=4, n=62, dtype=dtype, held_out=True), "cuda")
    data = replace(data, autocast=autocast)
    arrays = replayed_and_eager(data, settings)
    for epoch in range(6):
        losses = [array.train_epoch() for array in arrays]
        torch.testing.assert_close(*losses, rtol=tolerance, atol=tolerance)
        features = [array.embed(data.measured.inputs) for array in arrays]
        torch.testing.assert_close(*features, rtol=tolerance, atol=tolerance)
        captured = [shape[1] for shape in arrays[0].take_step.held]
        assert sorted(captured) == ([15, 16] if epoch % 3 else [])
        if epoch == 2:
            for array in arrays:
                array.keep(range(0, len(settings), 2))


def test_arrays_that_take_turns_share_the_memory_of_their_graphs(make_data):
    data = on(make_data(classes=4, n=62, held_out=True), "cuda")
    (one, eager), (other, _) = (replayed_and_eager(data, SETTINGS) for _ in range(2))
    for _ in range(4):
        losses = [array.train_epoch() for array in (one, other, eager)]
        torch.testing.assert_close(losses[0], losses[2], rtol=1e-7, atol=1e-7)
        torch.testing.assert_close(losses[1], losses[2], rtol=1e-7, atol=1e-7)
    graphs = [
        held.replay.__self__ for array in (one, other) for held in array.take_step.held.values()
    ]
    assert len(graphs) == 4
    assert len({graph.pool() for graph in graphs}) == 1


def test_what_cannot_be_captured_is_trained_all_the_same(make_data, caplog):
    data = on(make_data(n=60, held_out=True), "cuda")
    waiting, eager = replayed_and_eager(data, SETTINGS)

    def wait(_, given):
        given[0].sum().item()

    waiting.criterion.register_forward_pre_hook(wait)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            losses = [array.train_epoch() for array in (waiting, eager)]
            torch.testing.assert_close(*losses, rtol=1e-7, atol=1e-7)
    assert waiting.take_step.graphs is None
    (message,) = caplog.messages
    assert message.startswith("training goes on without CUDA graphs: ")
    assert "\n" not in message
    after, eager = replayed_and_eager(data, SETTINGS)  # another array still can
    torch.rand(2, device="cuda")
    for _ in range(3):
        losses = [array.train_epoch() for array in (after, eager)]
        torch.testing.assert_close(*losses, rtol=1e-7, atol=1e-7)
    assert after.take_step.held


def test_nets_with_random_layers_are_not_captured(make_data, tmp_path, monkeypatch):
    (tmp_path / "random_nets.py").write_text(
        "from torch import nn\n\n\ndef dropping(shape, embedding):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, embedding))\n"
    )
    monkeypatch.chdir(tmp_path)
    data = on(make_data(held_out=True), "cuda")
    array = FusedTrainer(data, SETTINGS, [0], TrainingRecipe("random_nets:dropping", 4, 1, 16))
    assert array.take_step.graphs is None
    assert array.train_epoch().isfinite().all()
