"""The replay of pruners, on curves whose best is known, and a pool as a study trains it."""

import numpy as np
import optuna
import pytest
import torch

from sweeper.registry.pruners import PRUNERS
from tools import racing

optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(scope="module")
def parallel():
    """Curves that never cross, of settings a point apart; the last one is the best."""
    rng = np.random.default_rng(0)
    epochs = np.linspace(0, 0.2, 8)[:, None]
    levels = 0.5 + 0.01 * np.arange(18)[:, None, None]
    return levels + epochs + rng.normal(0, 0.001, (18, 8, 4))


@pytest.mark.parametrize("pruner", PRUNERS)
def test_the_best_of_curves_that_never_cross_is_found(pruner, parallel):
    found = racing.replay(parallel, pruner, range(18))
    assert (found.dropped, found.regret) == (False, 0)
    backwards = racing.replay(parallel, pruner, range(17, -1, -1))
    assert not backwards.dropped
    assert (backwards.trained == 1) is (pruner == "none")


def test_a_race_trains_the_first_to_their_ends_and_drops_the_rest_at_once(parallel):
    found = racing.replay(parallel, "racing", range(17, -1, -1))
    assert found.trained == pytest.approx((6 * 8 + 12 * 1) / (18 * 8))


def test_what_is_lost_is_said():
    """The best is far behind at first, and median prunes it."""
    curves = np.full((12, 8, 4), 0.8)
    curves[11, :4], curves[11, 4:] = 0.1, 0.9
    found = racing.replay(curves, "median", range(12))
    assert found.dropped
    assert found.regret == pytest.approx(0.1)


def test_ranks_that_turn_around_are_told():
    curves = np.zeros((5, 4, 2)) + np.arange(5)[:, None, None]
    curves[:, 0] *= -1
    assert racing.ranks({"turning": curves}).endswith("turning: -1.0, 1.0.")


def test_a_pool_is_trained(monkeypatch):
    monkeypatch.setattr(racing, "EPOCHS", 2)
    curves = racing.train_pool("head", 2, 1, 3e-3)
    assert curves.shape == (2, 2, 4)
    assert torch.from_numpy(curves).isfinite().all()
    assert (curves[:, -1] > 0.2).all()
