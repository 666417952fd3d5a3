"""The replay of searches, on laws whose best is known."""

import numpy as np
import optuna
import pytest

from sweeper.repository.evaluation.regret import held_out_tasks
from sweeper.repository.sources import shipped
from sweeper.repository.surrogates.knowledge import learned
from tools import replay

optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(scope="module")
def knowledge():
    return learned(shipped(), "accuracy")


@pytest.fixture
def known(knowledge):
    number = replay.one_of_each_source(knowledge)[0]
    source = knowledge.responses.source
    held = held_out_tasks(knowledge)[number]
    return replay.Known(knowledge.without(source == source[number]), held)


def law(params):
    """Best at m2 = 0.3 and s = 16, without the other margins."""
    rows = [[p["m1"] - 1, p["m2"] - 0.3, p["m3"], np.log(p["scale"] / 16)] for p in params]
    return 0.1 - (np.array(rows) ** 2) @ np.array([0.2, 0.2, 0.2, 0.02])


def test_the_best_of_the_space_is_found():
    assert replay.best_of(law) == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("method", replay.METHODS)
def test_every_method_searches_and_is_scored_by_the_truth(method, known, monkeypatch):
    monkeypatch.setattr(replay, "TRIALS", 12)
    found = replay.replay(method, law, known, noise=0.002, seed=0)
    assert len(found.true) == len(found.seen) == 12
    assert found.reached(12) == found.true[found.seen.argmax()]
    assert found.seen - found.true == pytest.approx(0, abs=0.01)


def test_a_task_of_each_source_is_searched(knowledge):
    numbers = replay.one_of_each_source(knowledge)
    sources = knowledge.responses.source[numbers]
    assert len(set(sources)) == len(sources) > 15


def test_the_law_of_a_task_follows_its_measurements(knowledge):
    number = replay.one_of_each_source(knowledge)[0]
    held = held_out_tasks(knowledge)[number]
    gains = replay.gains_of(knowledge, number, float(held.settings["lr"].iloc[0]))
    rows = held.settings[["m1", "m2", "m3", "scale"]].to_dict("records")
    assert np.corrcoef(gains(rows), held.gain[:-1])[0, 1] > 0.85
