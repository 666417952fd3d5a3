"""Measures made by a known law: what a term adds to softmax and to ArcFace, λ by λ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.repository.records import Repository
from sweeper.repository.surrogates.knowledge import Knowledge

LAMBDAS = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
_ARCFACE = {"loss": "combined", "m1": 1.0, "m2": 0.2, "m3": 0.0, "scale": 16.0}
_SOFTMAX = {"loss": "softmax", "m1": 1.0, "m2": 0.0, "m3": 0.0, "scale": 64.0}


@dataclass
class Terms:
    """A repository, and the measures of its tasks with terms."""

    repository: Repository
    measures: pd.DataFrame

    @property
    def knowledge(self):
        return Knowledge.of(self.repository, "accuracy")


def measures_of(tasks, effect, noise=0.0, seeds=4, rng=None):
    """Accuracies by the law ``effect(number of the task, term, loss)``, gains of `LAMBDAS`."""
    rng = rng or np.random.default_rng(0)
    rows = []
    for number, task in enumerate(tasks):
        for base in (_SOFTMAX, _ARCFACE):
            level = 0.7 + 0.02 * rng.standard_normal(seeds)  # of each seed, with a term and without
            about = {"task": task, **base, "lr": 1e-3, "weight_decay": 0.0}
            rows += [
                {**about, "term": "", "lambda": 0.0, "seed": seed, "accuracy": level[seed]}
                for seed in range(seeds)
            ]
            for term in ("center", "sigma2r"):
                for value, gain in zip(LAMBDAS, effect(number, term, base["loss"]), strict=True):
                    own = level + gain + noise * rng.standard_normal(seeds)
                    rows += [
                        {
                            **about,
                            "term": term,
                            "lambda": value,
                            "seed": seed,
                            "accuracy": own[seed],
                        }
                        for seed in range(seeds)
                    ]
    return pd.DataFrame(rows)


def with_terms(repository, effect, noise=0.0, measured=None):
    """Return a repository with the measures of terms on its tasks, or on the first of them."""
    return Terms(repository, measures_of(list(repository.tasks["id"])[:measured], effect, noise))
