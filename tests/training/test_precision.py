"""Training in bfloat16: near the float32 run, measured in float32, and only where it is fast."""

from dataclasses import replace

import pytest
import torch

from sweeper import cpuinfo
from sweeper.registry.setting import Setting
from sweeper.training import FusedTrainer, TrainingRecipe, has_bfloat16, measure

SETTINGS = [Setting("softmax"), Setting("arcface", m2=0.3, scale=16)]


@pytest.mark.parametrize(("net", "shape"), [("compact", (1, 8, 8)), ("lenet", (1, 12, 12))])
def test_losses_are_near_those_of_float32(make_data, net, shape):
    exact = make_data(shape, dtype=torch.float32)
    runs = [
        FusedTrainer(data, SETTINGS, [0, 1], TrainingRecipe(net, 4, epochs=2, batch_size=16))
        for data in (exact, replace(exact, autocast=True))
    ]
    first, second = ([array.train_epoch() for _ in range(2)] for array in runs)
    torch.testing.assert_close(first[0], second[0], rtol=0.02, atol=0.02)
    assert not torch.equal(first[0], second[0])  # it was another precision
    assert all(parameter.dtype == torch.float32 for parameter in runs[1].net.parameters())


def test_what_is_measured_is_float32(make_data):
    data = replace(make_data(dtype=torch.float32), autocast=True)
    array = FusedTrainer(data, SETTINGS, [0], TrainingRecipe("compact", 4, epochs=1, batch_size=16))
    array.train_epoch()
    features = array.embed(data.measured.inputs)
    rounded = array.embed(data.measured.inputs, exact=False)
    assert features.dtype == rounded.dtype == torch.float32
    assert not torch.equal(features, rounded)
    assert measure(array, ["accuracy"]).values["accuracy"].dtype == torch.float32


def test_what_linux_says_of_the_processor(monkeypatch):
    def told(text):
        cpuinfo.instruction_sets.cache_clear()
        monkeypatch.setattr(cpuinfo.Path, "read_text", lambda self, encoding: text)  # type: ignore[attr-defined]
        return has_bfloat16(torch.device("cpu"))

    try:
        assert told("flags\t\t: fpu avx512f avx512_bf16 sse\n")
        assert told("Features\t: fp asimd bf16\n")
        assert not told("flags\t\t: fpu avx512f avx2\n")
    finally:
        cpuinfo.instruction_sets.cache_clear()


def test_a_head_of_many_class_weights_trains_near_float32(make_data):
    exact = make_data((256,), classes=300, n=1200, dtype=torch.float32)
    recipe = TrainingRecipe("head", 256, epochs=2, batch_size=128)
    runs = [
        FusedTrainer(data, SETTINGS, [0, 1], recipe)
        for data in (exact, replace(exact, autocast=True))
    ]
    first, second = ([array.train_epoch() for _ in range(2)] for array in runs)
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=2e-3, atol=2e-3)
    assert not torch.equal(first[0], second[0])  # it was another precision
