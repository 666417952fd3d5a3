"""The usual ways: Optuna's TPE with a DataLoader, and on tensors with a process per core."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence

import optuna
import torch
from torch import Tensor, nn

from sweeper import losses, metrics, models
from sweeper.bench import baseline, preloaded
from sweeper.bench.answer.searched import Tried
from sweeper.bench.answer.tasks import AnswerTask
from sweeper.registry.objectives import needs_held_out
from sweeper.registry.setting import Setting
from sweeper.study.distributions import distributions
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from sweeper.training import Samples, TrainingData

#: Trains a setting with a seed; returns its value on validation data.
Train = Callable[[StudySpec, TrainingData, Setting, int], float]


def with_loader(spec: StudySpec, data: TrainingData, setting: Setting, seed: int) -> float:
    """Train from a DataLoader without workers, the faster one for so small data."""
    net, loss, data = _made(spec, data, setting, seed)
    train = baseline.loader(data.train, data, spec, 0)
    for _ in baseline.epochs(spec, net, loss, setting, train):
        pass
    return _measured(spec, net, loss, baseline.loader(_judged_by(spec, data), data, spec, 0))


def on_tensors(spec: StudySpec, data: TrainingData, setting: Setting, seed: int) -> float:
    """Train from tensors in memory."""
    net, loss, data = _made(spec, data, setting, seed)
    for _ in preloaded.epochs(spec, data, net, loss, setting):
        pass
    samples = _judged_by(spec, data)
    inputs = data.batch(samples.gathered()).split(512)
    return _measured(spec, net, loss, zip(inputs, samples.labels.split(512), strict=True))


def search(
    task: AnswerTask, run: int, train: Train, trials: int, url: str | None, rank: int
) -> list[Tried]:
    """Search as one of the processes of a study of Optuna's.

    Args:
        task: what is searched.
        run: number of the run.
        train: trains a setting with a seed.
        trials: how many this process tries.
        url: of the study's database, None for a study of this process alone.
        rank: number of this process.
    """
    spec, data = _loaded(task, run)
    sampler = optuna.samplers.TPESampler(seed=1000 * run + rank)
    study = optuna.create_study(
        storage=url,
        study_name=task.name,
        direction="maximize",
        sampler=sampler,
        load_if_exists=True,
    )
    tried = []
    for _ in range(trials):
        began, trial = time.time(), study.ask(distributions(spec))
        setting = spec.setting(trial.params)
        value = statistics.fmean(train(spec, data, setting, seed) for seed in range(spec.seeds))
        if math.isnan(value):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, value)
        tried.append(Tried(began, time.time(), setting, value))
    return tried


def confirm(
    task: AnswerTask, run: int, train: Train, settings: Sequence[Setting], seeds: Sequence[int]
) -> list[list[float]]:
    """Train settings again with further seeds; return each one's values ``[K][N]``."""
    spec, data = _loaded(task, run)
    return [[train(spec, data, setting, seed) for seed in seeds] for setting in settings]


def _loaded(task: AnswerTask, run: int) -> tuple[StudySpec, TrainingData]:
    loaded = Task.load(task.spec(run, cold=True))
    return loaded.spec, loaded.training_data(torch.device("cpu"), exact=True)


def _made(
    spec: StudySpec, data: TrainingData, setting: Setting, seed: int
) -> tuple[nn.Module, nn.Module, TrainingData]:
    torch.manual_seed(seed)
    data = data.of_seed(seed)
    shape = tuple(data.train.inputs.shape[1:])
    net = models.build(spec.net, shape, spec.embedding)
    size = models.embedding_size(net, shape)
    return net, losses.make_loss(setting, data.num_classes, size), data


def _judged_by(spec: StudySpec, data: TrainingData) -> Samples:
    if not needs_held_out(spec.objectives):
        return data.validation
    assert data.held_out is not None
    return data.held_out


@torch.no_grad()
def _measured(
    spec: StudySpec, net: nn.Module, loss: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]
) -> float:
    net.eval()
    pairs = [(net(x), y) for x, y in batches]
    features, labels = (torch.cat(part) for part in zip(*pairs, strict=True))
    if needs_held_out(spec.objectives):
        return float(metrics.map_at_r(features, labels))
    return float(metrics.accuracy(loss.logits(features), labels))  # type: ignore[operator]
