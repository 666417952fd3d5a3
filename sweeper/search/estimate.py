"""How long a study will take, from a few steps of its own array."""

import time
from dataclasses import replace
from itertools import cycle, islice

import torch

from sweeper.search.faults import net_faults
from sweeper.search.spaces import rounded
from sweeper.search.study_file import StudySpec
from sweeper.setting import Setting
from sweeper.training import Samples, SideBySide, TrainingData

_STEPS = 3

#: What measuring after each epoch adds: a forward pass over a third as many samples.
_MEASURING = 1.1


def seconds_per_trial(spec: StudySpec, data: TrainingData, trials: int) -> float:
    """Return about how long a trial takes one worker that trains so many of them as one array.

    Times a few steps on the study's own data, after as many that warm up.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    head, protocol = _head(spec, data), spec.protocol
    with net_faults(spec.net):
        array = SideBySide(
            replace(data, train=head),
            list(islice(cycle(example_settings(spec)), trials)),
            range(spec.seeds),
            spec.net,
            spec.embedding,
            epochs=2,
            batch_size=spec.batch_size,
            protocol=protocol,
        )
        array.train_epoch()
        began = time.perf_counter()
        array.train_epoch().sum().item()  # waits for the device
        seconds = time.perf_counter() - began
    seconds /= protocol.steps(head.labels, spec.batch_size)
    steps = protocol.steps(data.train.labels, spec.batch_size)
    return seconds * steps * spec.epochs * _MEASURING / trials


def _head(spec: StudySpec, data: TrainingData) -> Samples:
    """Return samples for a few batches: of every class, where each batch has to have them."""
    labels = data.train.labels
    if spec.per_class is None:
        kept = torch.arange(min(len(labels), _STEPS * spec.batch_size))
    else:
        number, per_class = int(labels.max()) + 1, _STEPS * spec.per_class
        kept = torch.cat([(labels == c).nonzero()[:per_class, 0] for c in range(number)])
    return Samples(data.train.inputs[kept], labels[kept])


def example_settings(spec: StudySpec) -> list[Setting]:
    """Return settings like those that the study trains: its own, or the middle of its space."""
    middles = {name: dimension.middle() for name, dimension in spec.space.items()}
    return spec.settings_list() or [spec.setting(rounded(middles))]
