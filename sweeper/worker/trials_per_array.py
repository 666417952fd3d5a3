"""How many trials a worker takes at once, and trains as one array."""

from sweeper.registry.samplers import SAMPLERS
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainingData, measured_members
from sweeper.training.net_failures import net_failures
from sweeper.worker.estimate import example_settings

#: The rounds that a study has where the workers are few and its sampler learns from what is
#: finished: what is asked for at once, no trial of it can learn from the others.
_ROUNDS = 10


def fitting_trials(spec: StudySpec, data: TrainingData, workers: int = 1) -> int:
    """Return how many trials of a study each of so many workers should train as one array.

    The first time on a machine this trains a few steps, a few seconds long.

    Raises:
        SweeperError: the user's own net fails.
    """
    with net_failures(spec.net):
        members = measured_members(data, example_settings(spec), spec.recipe)
    trials = max(1, members // spec.seeds)
    return min(trials, most_at_once(spec, workers) or trials)


def most_at_once(spec: StudySpec, workers: int = 1) -> int | None:
    """Return how many trials a study gives to each of so many workers at once, None for any."""
    if not SAMPLERS[spec.sampler].learns:
        return None
    return max(1, spec.n_trials // (_ROUNDS * workers))
