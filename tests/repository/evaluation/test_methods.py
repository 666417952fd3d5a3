"""What each method would try, on repositories made by a known law."""

import numpy as np
import pytest

from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, PLAIN_SOFTMAX
from sweeper.repository.best_known import best_measured
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.evaluation.methods import (
    DEFAULTS,
    FITTED_ADACOS,
    OURS,
    PORTFOLIO,
    FittedAdaCos,
    attempts,
)
from sweeper.repository.surrogates.knowledge import Knowledge


@pytest.fixture(scope="module")
def knowledge(world):
    return Knowledge.of(world(curve=0.4, moves=1.2).repository(sources=16, settings=16), "accuracy")


@pytest.fixture(scope="module")
def tried(knowledge):
    task = knowledge.tasks.iloc[[5]]
    own = knowledge.gains[knowledge.gains["task"] == task["id"].iloc[0]]
    left_out = (knowledge.tasks["source"] == task["source"].iloc[0]).to_numpy()
    adacos = FittedAdaCos.of(knowledge)
    return attempts(knowledge.without(left_out), HeldOut.of(task, own), adacos)


def others(knowledge, tried):
    """Mean gain over the other tasks of each setting of the held-out one, measured."""
    task = tried.held.task["id"].iloc[0]
    margins = knowledge.gains[
        (knowledge.gains["task"] != task) & (knowledge.gains["loss"] != "softmax")
    ]
    means = margins.groupby(["m2", "scale"])["gain"].mean()
    return means.loc[list(map(tuple, tried.held.settings[["m2", "scale"]].to_numpy()))]


def test_the_best_constant_is_the_best_on_average_elsewhere(knowledge, tried):
    """Up to what smoothing changes: its mean is among the largest, its order descending."""
    means = others(knowledge, tried).to_numpy()
    found = [means[p] for p in tried.tries[BEST_CONSTANT] if p != tried.held.plain]
    assert found[0] >= means.max() - 0.002
    assert np.all(np.diff(found) < 0.002)


def test_the_nearest_task_gives_its_best(knowledge, tried):
    task = tried.held.task
    places, number = knowledge.places, 5
    square = ((places.pictures - places.pictures[number]) ** 2).sum(1)
    square[places.source == places.source[number]] = np.inf
    nearest = knowledge.tasks["id"].iloc[int(square.argmin())]
    best = best_measured(knowledge.gains[knowledge.gains["task"] == nearest])
    assert tried.tries[NEAREST_TASK][0] == tried.held.closest(best)[0]
    assert len(set(tried.tries)) == len(tried.tries)
    assert task["id"].iloc[0] not in nearest


def test_every_method_tries_and_formulas_try_once(tried):
    assert tried.tries[PLAIN_SOFTMAX] == (tried.held.plain,)
    for name in (OURS, BEST_CONSTANT, PORTFOLIO, NEAREST_TASK, DEFAULTS):
        assert len(tried.tries[name]) == 5
    for name in ("AdaCos, fixed", FITTED_ADACOS, "ArcFace (0.5, 64)"):
        assert len(tried.tries[name]) == 1
    assert tried.measured["ArcFace (0.5, 64)"]
    assert not tried.measured["CosFace (0.35, 64)"]
    assert tried.tries[DEFAULTS][0] == tried.tries["ArcFace (0.5, 64)"][0]


def test_nothing_in_what_is_tried_is_expected_to_be_better_than_the_first(tried):
    expected = np.append(tried.scenarios.probability @ tried.scenarios.gains, 0.0)
    first = expected[tried.tries[OURS][0]]
    assert first == expected.max()
    for positions in tried.tries.values():
        assert expected[positions[0]] <= first
