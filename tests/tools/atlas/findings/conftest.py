"""A repository whose effects are known, because they are put into it."""

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.meta_features.measure import FEATURES
from sweeper.repository.records import Repository
from tools.atlas.design import design

SOURCES = 6


def response(m1, m2, m3, scale, classes):
    """The score of a setting before noise: a peak over ln s, and a slope in the margins."""
    peak = np.log(4.0 if classes < 20 else 16.0)
    slope = 0.1 if classes < 20 else -0.1
    return 0.7 - 0.02 * (np.log(scale) - peak) ** 2 + slope * (m2 + m3 + (m1 - 1))


@pytest.fixture(scope="session")
def make_repository():
    """Makes two tasks of each source, one of few classes and one of many."""

    def make(noise=0.001, seed=0):
        draw = np.random.default_rng(seed)
        tasks, results = [], []
        for source in range(SOURCES):
            for classes in (5, 40):
                task = f"source {source}, {classes} classes"
                tasks.append(
                    {"id": task, "source": f"source {source}", "dataset": task, "net": "compact",
                     "embedding": 64, "epochs": 10, "batch_size": 32, "num_classes": classes,
                     "num_train": 1000, **dict.fromkeys(FEATURES, float(classes))}
                )  # fmt: skip
                level = 0.02 * source
                settings = [(s.loss, s.m1, s.m2, s.m3, s.scale) for s in design(classes, 64)]
                for point in (("softmax", 1.0, 0.0, 0.0, 64.0), *settings):
                    plain = point[0] == "softmax"
                    score = 0.6 if plain else response(*point[1:], classes)
                    for number in range(8 if plain else 4):
                        value = score + level + noise * draw.standard_normal()
                        names = ("loss", "m1", "m2", "m3", "scale")
                        results.append(
                            {"task": task, "objective": "accuracy", "lr": 1e-3,
                             "weight_decay": 0.0, "seed": number, "value": value,
                             **dict(zip(names, point, strict=True))}
                        )  # fmt: skip
        return Repository(pd.DataFrame(tasks), pd.DataFrame(results))

    return make
