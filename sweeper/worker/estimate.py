"""How long a study will take, from a few steps of its own array."""

import time
from dataclasses import replace
from itertools import cycle, islice

from sweeper.registry.setting import Setting
from sweeper.study.distributions import rounded
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainerGroup, TrainingData, first_batches
from sweeper.training.net_failures import net_failures

_STEPS = 3

#: What measuring after each epoch adds: a forward pass over a third as many samples.
_MEASURING = 1.1


def seconds_per_trial(spec: StudySpec, data: TrainingData, trials: int) -> float:
    """Return about how long a trial takes one worker that trains so many of them as one array.

    Times a few steps on the study's own data, after as many that warm up.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    recipe = spec.recipe
    few = first_batches(data, recipe, _STEPS)
    with net_failures(spec.net):
        array = TrainerGroup(
            few,
            list(islice(cycle(example_settings(spec)), trials)),
            range(spec.seeds),
            replace(recipe, epochs=2),
        )
        array.train_epoch()
        began = time.perf_counter()
        array.train_epoch().sum().item()  # waits for the device
        seconds = time.perf_counter() - began
    seconds /= recipe.steps_per_epoch(few.train.labels)
    steps = recipe.steps_per_epoch(data.train.labels, data.images_per_epoch)
    return seconds * steps * spec.epochs * _MEASURING / trials


def example_settings(spec: StudySpec) -> list[Setting]:
    """Return settings like those that the study trains: its own, or the middle of its space."""
    middles = {name: dimension.middle() for name, dimension in spec.space.items()}
    return spec.settings_list() or [spec.setting(rounded(middles))]
