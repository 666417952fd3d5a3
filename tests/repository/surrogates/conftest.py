"""Gains made by a known law without going through a repository."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def make_gains():
    """Make gains of so many sources, one task each, all measured at the same settings.

    `law(m2, log_scale, position)` gives the true gains; `position` is one number a task.
    """

    def make(law, positions, settings=30, noise=0.002, seed=0, per_source=1):
        rng = np.random.default_rng(seed)
        m2 = np.round(rng.uniform(0, 0.8, settings), 3)
        log_scale = rng.uniform(np.log(2), np.log(64), settings)
        tables = []
        for number, position in enumerate(positions):
            true = law(m2, log_scale, position)
            table = pd.DataFrame({"m1": 1.0, "m2": m2, "m3": 0.0, "scale": np.exp(log_scale)})
            table = table.assign(
                task=f"t{number:03}",
                source=f"s{number // per_source:03}",
                lr=1e-3,
                gain=true + rng.normal(0, noise, settings),
                se=noise,
                is_main=True,
                loss="arcface",
            )
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    return make


@pytest.fixture
def make_rows():
    """Make rows of so many sources with `settings` each: gains around a mean, errors, sources."""
    from sweeper.repository.surrogates.noise import Rows

    def make(sources=12, settings=30, noise=0.02, seed=0, shift=0.0):
        rng = np.random.default_rng(seed)
        source = np.repeat(np.arange(sources), settings)
        gain = rng.normal(0, noise, len(source)) + rng.normal(0, shift, sources)[source]
        return Rows(gain, np.full(len(source), noise), source)

    return make
