"""One search replayed, and all of one task."""

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning

from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.study.distributions import distributions
from sweeper.study.samplers.transfer import TransferSampler
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec
from tools.replay.grounds import Ground
from tools.replay.known import Known
from tools.replay.methods import METHODS, OnGround, taken

#: Trials of a search, and how many are asked for at once.
TRIALS, AT_ONCE = 60, 6


@dataclass(frozen=True)
class Replayed:
    """One search.

    Attributes:
        true: what its trials are worth, in order.
        seen: what was seen of them.
        settled: after how many trials the transfer sampler settled, if it did.
        asking: seconds that the sampler took until each trial, all before it included.
    """

    true: FloatArray
    seen: FloatArray
    settled: int | None
    asking: FloatArray

    def reached(self, trials: int) -> float:
        """Return what the best of the first trials, by what was seen of them, is worth."""
        return float(self.true[int(self.seen[:trials].argmax())])


def replay(method: str, ground: Ground, known: Known, trials: int, seed: int) -> Replayed:
    """Search with one of `METHODS`.

    Args:
        method: its name.
        ground: what is searched.
        known: what other sources say of the task.
        trials: how many.
        seed: of the noise and the sampler.
    """
    content: dict[str, Any] = {"name": "replay", "dataset": "digits", "loss": "combined"}
    content |= {"space": default_space("combined"), "fixed": {"lr": known.rate}, "seed": seed}
    spec = StudySpec.from_content(content, "replay")
    sampler = METHODS[method].make(spec, known)
    study = optuna.create_study(direction="maximize", sampler=OnGround(sampler, spec, ground))
    for point in known.shortlist(spec) if METHODS[method].with_shortlist else ():
        study.enqueue_trial(ground.nearest(point, taken(study)))
    random, settled, took = np.random.default_rng(seed), None, 0.0
    true: list[float] = []
    seen: list[float] = []
    asking: list[float] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        while len(true) < trials:
            began, batch = time.perf_counter(), []
            for _ in range(min(AT_ONCE, trials - len(true))):
                batch.append(study.ask(distributions(spec)))
                asking.append(took + time.perf_counter() - began)
            took = asking[-1]
            for trial in batch:
                values = ground.seen(trial.params, random)
                trial.set_user_attr("accuracy of each seed", values)
                study.tell(trial, float(np.mean(values)))
                true.append(ground.true(trial.params))
                seen.append(float(np.mean(values)))
            if settled is None and isinstance(sampler, TransferSampler):
                outlook = sampler.outlook(study)
                settled = len(true) if outlook is not None and outlook.settled else None
    return Replayed(np.array(true), np.array(seen), settled, np.array(asking))
