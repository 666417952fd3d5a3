"""Trains what was answered, and what is needed to know how good it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sweeper.data.stable_random import uniform
from sweeper.errors import SweeperError, UsageError
from sweeper.launch.run_study import run_study
from sweeper.launch.signals import StopSignals
from sweeper.registry.setting import Setting
from sweeper.report.study_results import StudyResults
from sweeper.store import Database, find_study, open_database
from sweeper.study.open_study import create_or_resume
from sweeper.study.recommendation_trial import experiment_of
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from tools.atlas.design import point
from tools.proof.answers import Answer, spec_of
from tools.proof.tasks import OBJECTIVE, SEEDS, ProofTask

#: Plain softmax is trained at all of them, so that it counts at its best; the others at the one
#: that was asked about, but for those drawn at random.
RATES = (3e-4, 1e-3, 3e-3)
RANDOM = 30

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """What was measured on a task.

    Attributes:
        settings: all that were trained.
        scores: on test classes, ``[settings, seeds]``; a seed that diverged has 0.
    """

    settings: tuple[Setting, ...]
    scores: FloatArray

    def of(self, settings: Iterable[Setting]) -> FloatArray:
        """Return the scores of some of the settings, ``[some, seeds]``."""
        return self.scores[[self.settings.index(setting) for setting in settings]]


def softmaxes() -> list[Setting]:
    """Return plain softmax at every rate."""
    return [Setting("softmax", lr=rate) for rate in RATES]


def drawn(number: int = RANDOM) -> list[Setting]:
    """Return settings drawn at random from the space of the combined loss, at the rates in turn."""
    names = tuple(default_space("combined"))
    shares = uniform(number * len(names), "outside proof").reshape(number, len(names))
    return [
        Setting.of("combined", {**point(names, own.tolist()), "lr": RATES[i % len(RATES)]})
        for i, own in enumerate(shares)
    ]


def experiments(
    task: ProofTask, answer: Answer, others: Sequence[Setting]
) -> tuple[StudySpec, StudySpec]:
    """Return what trains the answer with the baselines, and what trains the others.

    They are two, since the second stays when another answer is asked for.
    """
    spec = spec_of(task, answer.epochs)
    answered = tuple(dict.fromkeys(answer.named().values()))
    return experiment_of(spec, answered), experiment_of(spec, others)


def train(task: ProofTask, answer: Answer, url: str, others: Sequence[Setting]) -> int:
    """Train what is not trained yet; return the exit status.

    Raises:
        SweeperError: the data are not those that were asked about, or a worker failed.
    """
    first, second = experiments(task, answer, others)
    loaded = Task.load(first)
    if loaded.dataset.fingerprint() != answer.data:
        raise SweeperError(
            f"{task.dataset} is not what the answer was asked about; make it again, or ask again"
        )
    for each in (first, second):
        # Names as they are stored, which workers compare theirs with.
        names = {"dataset": loaded.spec.dataset, "net": loaded.spec.net}
        spec = each.model_copy(update=names).with_loaded(loaded.spec.loaded)
        with StopSignals() as signals, open_database(url, create=True) as database:
            opened, _ = create_or_resume(database, replace(loaded, spec=spec))
            if status := run_study(opened, signals, url):
                return status
    return 0


def measured(
    database: Database, task: ProofTask, answer: Answer, others: Sequence[Setting]
) -> Measured:
    """Return what was measured on a task.

    Raises:
        SweeperError: a study of the task is missing or unfinished.
    """
    scores: dict[Setting, list[float]] = {}
    for spec in experiments(task, answer, others):
        try:
            stored = find_study(database, spec.name)
        except UsageError:
            raise SweeperError(
                f"{task.dataset} was not trained; run python -m tools.proof run"
            ) from None
        results = StudyResults.load(database, stored, values_alone=True)
        if len(results.trials) < spec.n_trials:
            raise SweeperError(f"{spec.name} is unfinished; run python -m tools.proof run")
        for row in results.trials:
            by_seed = {seed.seed: seed.values.get(OBJECTIVE, 0.0) for seed in row.record.seeds}
            own = [by_seed.get(seed, 0.0) for seed in range(SEEDS)]
            scores.setdefault(row.record.setting, own)
    return Measured(tuple(scores), np.nan_to_num(np.array(list(scores.values()))))
