"""How long a study will take, from a few steps of its own array."""

import time
from itertools import cycle, islice

from sweeper.search.faults import net_faults
from sweeper.search.spaces import rounded
from sweeper.search.study_file import StudySpec
from sweeper.setting import Setting
from sweeper.training import SideBySide, TrainingData, first_batches

_STEPS = 3

#: What measuring after each epoch adds: a forward pass over a third as many samples.
_MEASURING = 1.1


def seconds_per_trial(spec: StudySpec, data: TrainingData, trials: int) -> float:
    """Return about how long a trial takes one worker that trains so many of them as one array.

    Times a few steps on the study's own data, after as many that warm up.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    protocol = spec.protocol
    few = first_batches(data, spec.batch_size, protocol, _STEPS)
    with net_faults(spec.net):
        array = SideBySide(
            few,
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
    seconds /= protocol.steps(few.train.labels, spec.batch_size)
    steps = protocol.steps(data.train.labels, spec.batch_size, data.images_per_epoch)
    return seconds * steps * spec.epochs * _MEASURING / trials


def example_settings(spec: StudySpec) -> list[Setting]:
    """Return settings like those that the study trains: its own, or the middle of its space."""
    middles = {name: dimension.middle() for name, dimension in spec.space.items()}
    return spec.settings_list() or [spec.setting(rounded(middles))]
