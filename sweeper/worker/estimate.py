"""How long a study will take: by what was seen on this machine before, or from a few steps."""

import math
import time
from dataclasses import replace
from itertools import cycle, islice

from sweeper.registry.setting import Setting
from sweeper.study.distributions import rounded
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainerGroup, TrainingData, compare_pairs, first_batches
from sweeper.training.capacity import cache
from sweeper.training.net_failures import net_failures

#: Steps of a timing, and how many timings; the fastest counts, since it is remembered.
_STEPS, _TIMINGS = 3, 3

#: What measuring after each epoch adds: a forward pass over a third as many samples.
_MEASURING = 1.1

#: Of an array with at most so many times as many trials, or as few, the speed per trial is taken.
_ALIKE = 2.0

#: Seconds of an array's training that tell its speed: the start counts no more.
_LONG = 10.0


def seconds_per_trial(spec: StudySpec, data: TrainingData, trials: int) -> float:
    """Return about how long a trial takes one worker that trains so many of them as one array.

    As it was seen on this machine for an array of about this size; else a few steps are timed on
    the study's own data, after as many that warm up, and remembered.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    seconds = _known(spec, data, trials)
    if seconds is None:
        seconds = _MEASURING * _timed(spec, data, trials) / trials
        cache.SECONDS.keep(f"{_key(spec, data)}{trials}", seconds)
    return seconds * _steps(spec, data)


def note_array(spec: StudySpec, data: TrainingData, trials: int, seconds: float) -> None:
    """Remember on this machine how long an array of so many trials took from start to end."""
    if seconds >= _LONG:
        each = seconds / (trials * _steps(spec, data))
        cache.SECONDS.keep(f"{_key(spec, data)}{trials}", each)


def _known(spec: StudySpec, data: TrainingData, trials: int) -> float | None:
    """Return the seconds of a step and a trial that were kept for the array most like this one."""
    key, known = _key(spec, data), []
    for what, seconds in cache.SECONDS.all().items():
        number = what.removeprefix(key)
        if what.startswith(key) and number.isdecimal() and (size := int(number)):
            known.append((max(size / trials, trials / size), seconds))
    ratio, best = min(known, default=(math.inf, 0.0))
    return best if ratio <= _ALIKE else None


def _key(spec: StudySpec, data: TrainingData) -> str:
    """Return what the speed of a trial depends on, as text that the number of trials ends."""
    settings = example_settings(spec)
    losses = ", ".join(sorted({setting.losses for setting in settings}))
    augmented = ", augmented" if spec.recipe.protocol.augmentation else ""
    alike = cache.key(data, spec.recipe, compare_pairs(settings))
    return f"{alike}; {losses}{augmented}; {spec.seeds} seeds; trials: "


def _steps(spec: StudySpec, data: TrainingData) -> int:
    recipe = spec.recipe
    return spec.epochs * recipe.steps_per_epoch(data.train.labels, data.images_per_epoch)


def _timed(spec: StudySpec, data: TrainingData, trials: int) -> float:
    """Return how long a step of an array takes, from a few."""
    recipe = spec.recipe
    few = first_batches(data, recipe, _STEPS)
    with net_failures(spec.net):
        array = TrainerGroup(
            few,
            list(islice(cycle(example_settings(spec)), trials)),
            range(spec.seeds),
            replace(recipe, epochs=1 + _TIMINGS),
        )
        array.train_epoch()
        times = []
        for _ in range(_TIMINGS):
            began = time.perf_counter()
            array.train_epoch().sum().item()  # waits for the device
            times.append(time.perf_counter() - began)
    return min(times) / recipe.steps_per_epoch(few.train.labels)


def example_settings(spec: StudySpec) -> list[Setting]:
    """Return settings like those that the study trains: its own, or the middle of its space."""
    middles = {name: dimension.middle() for name, dimension in spec.space.items()}
    return spec.settings_list() or [spec.setting(rounded(middles))]
