"""The baseline: Optuna's `optimize`, a DataLoader, one trial at a time.

As in Optuna's own PyTorch example, with ArcFace from pytorch-metric-learning. An image is processed
as in torchvision's data sets: from an array to a PIL image, and by transforms to a tensor. One
change favors the baseline: its class weights are initialized as ours are.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import optuna
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from sweeper import losses, models
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec
from sweeper.training import Samples, TrainingData


def require_baseline() -> None:
    """Import what only the baseline needs.

    Raises:
        SweeperError: it is not installed.
    """
    try:
        import pytorch_metric_learning.losses  # noqa: F401
    except ImportError:
        raise SweeperError(
            "the comparison needs another implementation of ArcFace; "
            "pip install pytorch-metric-learning"
        ) from None


class Images(Dataset[tuple[Tensor, int]]):
    """Images processed by torchvision's transforms, one at a time."""

    def __init__(self, samples: Samples, mean: Tensor, std: Tensor) -> None:
        from PIL import Image
        from torchvision import transforms

        self.inputs, self.targets = samples.inputs.numpy(), samples.labels
        self.from_array = Image.fromarray
        standardize = transforms.Normalize(mean.flatten() / 255, std.flatten() / 255)
        self.transform = transforms.Compose([transforms.ToTensor(), standardize])

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = self.from_array(self.inputs[index].transpose(1, 2, 0).squeeze())
        return self.transform(image), int(self.targets[index])


def run(
    spec: StudySpec, data: TrainingData, settings: Sequence[Setting], loader_workers: int
) -> list[list[float]]:
    """Run the sweep and return the validation accuracy of each trial's seeds.

    Args:
        spec: net, seeds, epochs and batch size.
        data: its samples.
        settings: margins and scales of the trials.
        loader_workers: processes of each DataLoader.
    """
    require_baseline()
    accuracies: list[list[float]] = []

    def objective(trial: optuna.Trial) -> float:
        margin, scale = trial.suggest_float("m", 0, 1), trial.suggest_float("s", 1, 128)
        accuracies.append(
            [_train(spec, data, margin, scale, s, loader_workers) for s in range(spec.seeds)]
        )
        return sum(accuracies[-1]) / len(accuracies[-1])

    study = optuna.create_study(direction="maximize")
    for setting in settings:
        study.enqueue_trial({"m": setting.m2, "s": setting.scale})
    study.optimize(objective, n_trials=len(settings))
    return accuracies


def _train(
    spec: StudySpec, data: TrainingData, margin: float, scale: float, seed: int, workers: int
) -> float:
    from pytorch_metric_learning.losses import ArcFaceLoss

    torch.manual_seed(seed)
    shape = tuple(data.train.inputs.shape[1:])
    net = models.build(spec.net, shape, spec.embedding)
    size = models.embedding_size(net, shape)
    loss: Any = ArcFaceLoss(data.num_classes, size, margin=math.degrees(margin), scale=scale)
    # Its own initialization has norm √d, which Adam rotates too slowly to learn within the budget.
    loss.W.data = losses.ArcFaceLoss(data.num_classes, size).weight.detach().T.contiguous()
    train, test = (loader(part, data, spec, workers) for part in (data.train, data.validation))
    right = 0
    for _ in epochs(spec, net, loss, Setting(), train):
        net.eval()
        with torch.no_grad():
            right = sum(int((loss.get_logits(net(x)).argmax(1) == y).sum()) for x, y in test)
    return right / len(data.validation)


def epochs(
    spec: StudySpec, net: nn.Module, loss: nn.Module, setting: Setting, train: "DataLoader[Any]"
) -> Iterator[None]:
    """Train a net and its loss at the rate of a setting; yield after each epoch."""
    parameters, decay = [*net.parameters(), *loss.parameters()], setting.weight_decay
    optimizer = torch.optim.AdamW(parameters, lr=setting.lr, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, spec.epochs * len(train))
    for _ in range(spec.epochs):
        net.train()
        for x, y in train:
            optimizer.zero_grad()
            loss(net(x), y).backward()
            optimizer.step()
            schedule.step()
        yield


def loader(
    samples: Samples, data: TrainingData, spec: StudySpec, workers: int
) -> "DataLoader[Any]":
    """Return what gives batches of samples, shuffled."""
    samples = Samples(samples.gathered(), samples.labels)
    source: Dataset[Any] = (
        Images(samples, data.mean, data.std)
        if samples.inputs.dim() == 4
        else TensorDataset(samples.inputs, samples.labels)
    )
    return DataLoader(
        source,
        spec.batch_size,
        shuffle=True,
        num_workers=workers,
        # As in a script on Linux. This process was spawned, and would spawn its workers too.
        multiprocessing_context="fork" if workers else None,
    )
