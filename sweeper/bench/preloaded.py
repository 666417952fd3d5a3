"""One trial at a time from tensors in memory: what a careful user writes in plain PyTorch."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from sweeper import models
from sweeper.losses import ArcFaceLoss
from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainingData
from sweeper.training.schedule import cosine_decay


def run(spec: StudySpec, data: TrainingData, settings: Sequence[Setting]) -> list[list[float]]:
    """Train trials one after another; return the validation accuracy of each one's seeds."""
    return [
        [_train(spec, data, setting, seed) for seed in range(spec.seeds)] for setting in settings
    ]


def _train(spec: StudySpec, data: TrainingData, setting: Setting, seed: int) -> float:
    torch.manual_seed(seed)
    shape = tuple(data.train.inputs.shape[1:])
    net = models.build(spec.net, shape, spec.embedding)
    size = models.embedding_size(net, shape)
    loss = ArcFaceLoss(data.num_classes, size, setting.m2, setting.scale)
    final = 0.0
    for _ in epochs(spec, data, net, loss, setting):
        final = _accuracy(net, loss, data)
    return final


def epochs(
    spec: StudySpec, data: TrainingData, net: nn.Module, loss: nn.Module, setting: Setting
) -> Iterator[None]:
    """Train a net and its loss at the rate of a setting; yield after each epoch."""
    parameters, decay = [*net.parameters(), *loss.parameters()], setting.weight_decay
    optimizer = torch.optim.AdamW(parameters, weight_decay=decay, fused=True)
    inputs, labels = data.train.gathered(), data.train.labels
    steps, step = spec.epochs * -(-len(labels) // spec.batch_size), 0
    for _ in range(spec.epochs):
        net.train()
        for index in torch.randperm(len(labels)).split(spec.batch_size):
            optimizer.param_groups[0]["lr"] = setting.lr * cosine_decay(step, steps)
            optimizer.zero_grad()
            loss(net(data.batch(inputs[index])), labels[index]).backward()
            optimizer.step()
            step += 1
        yield


@torch.no_grad()
def _accuracy(net: nn.Module, loss: ArcFaceLoss, data: TrainingData) -> float:
    net.eval()
    samples, right = data.validation, 0
    for x, y in zip(samples.inputs.split(512), samples.labels.split(512), strict=True):
        right += int((loss.logits(net(data.batch(x))).argmax(1) == y).sum())
    return right / len(samples)
