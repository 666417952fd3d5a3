"""How far results of the user's own move what is recommended: by their length and their seeds."""

import re

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.recommendation.asking import NOBODY
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.records import Repository
from sweeper.repository.task_weights import OwnTasks
from tests.support.plans import PLAN

#: Where the user's data stand; what is best on them is another setting than their look tells.
PLACE, TRUE = np.array([0.3, 0.3, 0.0, 0.0]), np.array([-2.0, -2.0, 0.0, 0.0])
OWN = OwnTasks(frozenset(["own"]), frozenset(["own"]))


@pytest.fixture(scope="module")
def law(world):
    return world(curve=0.4)


@pytest.fixture(scope="module")
def known(law):
    return law.repository(sources=12)


@pytest.fixture(scope="module")
def choice(known):
    return evaluate(known, "accuracy").choice


def with_own(law, known, epochs, seeds):
    described, rows = law.task("own", "mine", TRUE, seeds=seeds)
    described |= dict(zip(("f0", "f1", "f2", "f3"), PLACE, strict=True))
    described |= {"start": "scratch", "epochs": epochs, "samples": 1_000 * epochs}
    described |= {"split": "images"}
    tasks = pd.concat([known.tasks, pd.DataFrame([described])])
    return Repository(tasks, pd.concat([known.results, pd.DataFrame(rows)]))


def ask(repository, choice, own=NOBODY):
    features = dict(zip(("f0", "f1", "f2", "f3"), PLACE, strict=True))
    return recommend(repository, features, PLAN, loss="arcface", choice=choice, own=own)


def distance(answer, law, features):
    """How far a recommended setting is from what is best, in units of the law."""
    m2, log_scale = law.best(features)
    return np.hypot(answer.setting.m2 - m2, 0.3 * (np.log(answer.setting.scale) - log_scale))


def test_a_trial_run_of_an_epoch_changes_little(law, known, choice):
    before = ask(known, choice)
    after = ask(with_own(law, known, epochs=1, seeds=1), choice, OWN)
    width = before.gain.high - before.gain.low
    assert abs(after.gain.mean - before.gain.mean) < 0.25 * width
    assert abs(after.setting.m2 - before.setting.m2) < 0.1
    (said,) = [note for note in after.notes if "this very data set" in note]
    share = int(re.search(r"(\d+) % of this prediction comes from your results on", said)[1])
    assert share <= 5


def test_a_whole_search_on_the_very_data_decides(law, known, choice):
    before = ask(known, choice)
    after = ask(with_own(law, known, epochs=PLAN.epochs, seeds=4), choice, OWN)
    assert distance(after, law, TRUE) < 0.5 * distance(before, law, TRUE)
    (said,) = [note for note in after.notes if "this very data set" in note]
    share = int(re.search(r"(\d+) % of this prediction comes from your results on", said)[1])
    assert share > 60


def test_without_any_of_ones_own_nothing_is_said(known, choice):
    assert not any("your database" in note for note in ask(known, choice).notes)
