"""Rows for the surfaces, made by a known law without going through a repository."""

import numpy as np
import pytest

from sweeper.repository.surrogates.design_matrix import DesignRows


@pytest.fixture
def make_rows():
    """Make rows of so many sources, one task each, all measured at the same settings.

    `law(points, context)` gives the gains; context has one column a meta-feature.
    """

    def make(law, sources=12, settings=30, features=3, noise=0.02, seed=0, shift=0.0):
        rng = np.random.default_rng(seed)
        design = np.zeros((settings, 4))
        design[:, 1] = rng.uniform(-1, 3, settings)
        design[:, 3] = rng.uniform(-2, 2, settings)
        contexts = rng.normal(size=(sources, features)) / np.sqrt(features)
        task = np.repeat(np.arange(sources), settings)
        points, context = np.tile(design, (sources, 1)), contexts[task]
        gain = law(points, context) + rng.normal(0, noise, len(task))
        gain = gain + rng.normal(0, shift, sources)[task]
        return DesignRows(
            points,
            points[:, 3],
            context,
            features,
            task,
            task.copy(),
            gain,
            np.full(len(task), noise),
        )

    return make


@pytest.fixture
def moving():
    """A quadratic whose top the first meta-feature moves along m2."""

    def law(points, context):
        away = (points[:, 1] - 1 - context[:, 0]) ** 2 + 0.5 * (points[:, 3]) ** 2
        return 1 - 0.5 * away

    return law
