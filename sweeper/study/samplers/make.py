"""What proposes the next trials, by name. Many are asked for at once, by several workers."""

import warnings
from collections.abc import Callable

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler

from sweeper.errors import unknown
from sweeper.registry.lookup import resolve
from sweeper.registry.samplers import SAMPLERS
from sweeper.study.samplers.proposing import Predictor, Proposing, nothing_known
from sweeper.study.study_file import StudySpec


def make_sampler(
    spec: StudySpec,
    worker_rank: int = 0,
    known: Callable[[], Predictor | None] = nothing_known,
) -> BaseSampler:
    """Return the sampler of a study for one of its workers.

    Args:
        spec: the study.
        worker_rank: a number that no other worker of the study has or had, since two with one
            number propose the same points; a worker that resumes a study counts as another.
        known: returns what predicts the study by other results than its own.

    Raises:
        UsageError: when there is no such sampler.
    """
    if spec.sampler not in SAMPLERS:
        raise unknown("sampler", spec.sampler, SAMPLERS)
    make: Callable[[Proposing], BaseSampler] = resolve(SAMPLERS[spec.sampler].maker)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        seed = (spec.seed + worker_rank) % 2**32  # numpy takes no more
        return make(Proposing(spec, seed, known))
