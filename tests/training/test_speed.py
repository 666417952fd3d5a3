"""An array is not slower than its trials one at a time, from tensors that lie ready."""

import statistics
import time

import pytest
import torch

from sweeper import models
from sweeper.losses import ArcFaceLoss
from sweeper.registry.setting import Setting
from sweeper.training import FusedTrainer, TrainingRecipe, fitting_members

SEEDS, BATCH = 4, 128


def one_at_a_time(data, net, count):
    """Return the seconds that `count` members take as ordinary nets, one after the other."""
    shape = tuple(data.train.inputs.shape[1:])
    began = time.perf_counter()
    for seed in range(count):
        torch.manual_seed(seed)
        module, loss = models.build(net, shape, 64), ArcFaceLoss(data.num_classes, 64)
        optimizer = torch.optim.AdamW([*module.parameters(), *loss.parameters()], fused=True)
        for index in torch.randperm(len(data.train)).split(BATCH):
            x = (data.train.inputs[index].float() - data.mean) / data.std
            optimizer.zero_grad()
            loss(module(x), data.train.labels[index]).backward()
            optimizer.step()
    return time.perf_counter() - began


def as_array(data, net, count):
    """Return the seconds that the same members take as one array."""
    settings = [Setting("arcface", m2=0.5)] * (count // SEEDS)
    began = time.perf_counter()
    FusedTrainer(
        data, settings, range(SEEDS), TrainingRecipe(net, 64, epochs=1, batch_size=BATCH)
    ).train_epoch()
    return time.perf_counter() - began


@pytest.mark.long
@pytest.mark.parametrize(
    ("net", "shape"), [("compact", (1, 8, 8)), ("compact", (1, 28, 28)), ("lenet", (1, 28, 28))]
)
def test_an_array_is_not_slower(make_data, net, shape):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        data = make_data(shape, classes=10, n=8 * BATCH, dtype=torch.float32)
        count = max(
            SEEDS, fitting_members(data, TrainingRecipe(net, 64, 1, BATCH)) // SEEDS * SEEDS
        )
        ratios = [one_at_a_time(data, net, count) / as_array(data, net, count) for _ in range(6)]
    finally:
        torch.set_num_threads(threads)
    print(f"{net} {shape}, {count} members: {statistics.median(ratios):.2f} times as fast {ratios}")
    assert statistics.median(ratios[1:]) > 1
