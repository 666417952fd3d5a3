"""Data made by a known law: classes of directions, and whole repositories."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

#: Number of meta-features; the first two move the best margin and scale, the others mean nothing.
FEATURES = tuple(f"f{i}" for i in range(4))


@dataclass
class World:
    """How tasks respond: a quadratic around a top that the meta-features move."""

    height: float = 0.03
    curve: float = 0.15
    moves: float = 1.0
    task_sd: float = 0.0
    setting_sd: float = 0.0
    noise: float = 0.004
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def best(self, features):
        """The best m2 and ln s of a task."""
        return 0.3 + 0.12 * self.moves * features[0], np.log(16) + 0.4 * self.moves * features[1]

    def gain(self, features, m2, scale):
        """The true gain over plain softmax, but for what is a task's own."""
        best, log_best = self.best(features)
        away = (m2 - best) ** 2 + (0.3 * (np.log(scale) - log_best)) ** 2
        return self.height - self.curve * away

    def design(self, number=32):
        """The settings that every task is measured at."""
        rng = np.random.default_rng(1)
        m2 = np.append(0.5, np.round(rng.uniform(-0.1, 0.8, number - 1), 3))
        scale = np.append(64.0, np.round(np.exp(rng.uniform(np.log(3), np.log(90), number - 1)), 2))
        return m2, scale

    def task(self, name, source, features, seeds=4, settings=32, objective="accuracy"):
        """One task's row and its results."""
        m2, scale = self.design(settings)
        true = self.gain(features, m2, scale)
        true = true + self.rng.normal(0, self.task_sd) if self.task_sd else true
        true = true + self.rng.normal(0, self.setting_sd, settings) if self.setting_sd else true
        base = 0.8 + 0.03 * self.rng.standard_normal()
        described = dict(zip(FEATURES, features, strict=True))
        described |= {"id": name, "source": source, "dataset": name, "net": "compact"}
        described |= {"embedding": 64, "epochs": 10, "batch_size": 128}
        described |= {"num_classes": 10, "num_train": 1000}
        values = base + true[:, None] + self.rng.normal(0, self.noise, (settings, seeds))
        rows = [
            row(name, "arcface", m2[i], scale[i], seed, values[i, seed], objective)
            for i in range(settings)
            for seed in range(seeds)
        ]
        control = base + self.rng.normal(0, self.noise, seeds)
        rows += [
            row(name, "softmax", 0.0, 64.0, seed, control[seed], objective) for seed in range(seeds)
        ]
        return described, rows

    def repository(self, sources=10, per_source=1, seeds=4, settings=32, objective="accuracy"):
        from sweeper.repository.records import Repository

        tasks, results = [], []
        for source in range(sources):
            center = self.rng.normal(size=len(FEATURES))
            for number in range(per_source):
                features = center + 0.2 * self.rng.normal(size=len(FEATURES)) * (number > 0)
                one, rows = self.task(
                    f"t{source}-{number}", f"s{source}", features, seeds, settings, objective
                )
                tasks.append(one)
                results += rows
        return Repository(pd.DataFrame(tasks), pd.DataFrame(results))


def row(task, loss, m2, scale, seed, value, objective="accuracy"):
    setting = {"loss": loss, "m1": 1.0, "m2": m2, "m3": 0.0, "scale": scale}
    training = {"lr": 1e-3, "weight_decay": 0.0, "seed": seed}
    return {
        "task": task,
        "objective": objective,
        **setting,
        **training,
        "value": float(np.clip(value, 0, 1)),
    }


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """Make a world; `seed` starts its random numbers."""

    def make(seed=0, **law):
        return World(rng=np.random.default_rng(seed), **law)

    return make


@pytest.fixture(scope="session")
def result_row():
    return row


@pytest.fixture
def blobs():
    """Make classes of directions around centers, the noise `noise` long beside a unit center."""

    def make(centers, per_class, noise, seed=0):
        centers = np.asarray(centers, dtype=float)
        centers = centers / np.linalg.norm(centers, axis=1, keepdims=True)
        classes = np.arange(len(centers)).repeat(per_class)
        away = np.random.default_rng(seed).normal(size=(len(classes), centers.shape[1]))
        vectors = centers[classes] + noise * away / np.sqrt(centers.shape[1])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), classes

    return make
