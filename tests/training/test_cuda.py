"""The array on a CUDA device against the CPU, in float64."""

import pytest
import torch

from sweeper.setting import Setting
from sweeper.training import Array, TrainingData, measure

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
        Array(on(data, device), SETTINGS, [0, 1], "compact", 4, 3, 16) for device in ("cpu", "cuda")
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
