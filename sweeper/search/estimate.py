"""How long a study will take, from a few steps of its own array."""

import time
from dataclasses import replace

from sweeper.search.faults import net_faults
from sweeper.search.study_file import StudySpec
from sweeper.setting import DEFAULTS
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
    few = min(len(data.train), _STEPS * spec.batch_size)
    head = Samples(data.train.inputs[:few], data.train.labels[:few])
    with net_faults(spec.net):
        array = SideBySide(
            replace(data, train=head),
            [DEFAULTS["arcface"]] * trials,
            range(spec.seeds),
            spec.net,
            spec.embedding,
            epochs=2,
            batch_size=spec.batch_size,
        )
        array.train_epoch()
        began = time.perf_counter()
        array.train_epoch().sum().item()  # waits for the device
        seconds = time.perf_counter() - began
    return seconds * len(data.train) / few * spec.epochs * _MEASURING / trials
