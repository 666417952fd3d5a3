"""The losses compared: on a table small enough to enumerate, and in answers."""

import json
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from sweeper.errors import UsageError
from sweeper.registry.losses import repository_losses
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.recommendation.expressible import is_expressible, simplest
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.records import Repository
from tests.support.plans import PLAN

#: Margins and scale, and what each gains over plain softmax on every task.
GAINS = {
    (1.0, 0.0, 0.0, 16.0): 0.01,
    (1.2, 0.0, 0.0, 16.0): 0.005,
    (1.0, 0.3, 0.0, 16.0): 0.03,
    (1.0, 0.0, 0.3, 16.0): 0.02,
    (1.2, 0.3, 0.3, 16.0): -0.02,
}
FEATURES = {f"f{i}": 0.0 for i in range(4)}


@pytest.fixture(scope="module")
def small(world, result_row):
    """Tasks that are all alike, so that the best of each loss is known."""
    tasks = world().repository(sources=6, settings=2).tasks
    rng = np.random.default_rng(0)
    rows = []
    for task in tasks["id"]:
        for seed in range(4):
            noise = 1e-3 * rng.normal(size=len(GAINS) + 1)
            rows.append(result_row(task, "softmax", 0.0, 64.0, seed, 0.8 + noise[-1]))
            for (m1, m2, m3, scale), gain, away in zip(
                GAINS, GAINS.values(), noise[:-1], strict=True
            ):
                row = result_row(task, "combined", m2, scale, seed, 0.8 + gain + away)
                rows.append({**row, "m1": m1, "m3": m3})
    return Repository(tasks, pd.DataFrame(rows))


@pytest.fixture(scope="module")
def choice(small):
    return evaluate(small, "accuracy").choice


def ask(known, choice, loss):
    return recommend(known, FEATURES, PLAN, loss=loss, choice=choice)


def test_the_best_of_each_loss_is_that_of_the_table(small, choice):
    answer = ask(small, choice, "any")
    assert answer.setting.loss == answer.common_name == "arcface"
    found = {each.setting.loss: each for each in answer.losses}
    assert list(found)[:3] == ["arcface", "combined", "cosface"]
    assert set(found) == set(repository_losses())
    for loss, expected in (("arcface", 0.03), ("cosface", 0.02), ("combined", 0.03)):
        assert found[loss].gain.mean == pytest.approx(expected, abs=0.006)
    assert found["arcface"].setting.m2 == pytest.approx(0.3, abs=0.11)
    assert found["softmax"].gain.mean == 0
    assert simplest(found["combined"].setting) == answer.setting


@pytest.mark.parametrize("loss", ["any", *(n for n in repository_losses() if n != "softmax")])
def test_what_is_listed_agrees_with_what_is_recommended(small, choice, loss):
    """The best of the loss that is asked for is the recommended one; a wider loss gains no less."""
    answer = ask(small, choice, loss)
    gains = [each.gain.mean for each in answer.losses]
    assert gains == pytest.approx(sorted(gains, reverse=True), abs=1e-12)
    assert answer.cost == pytest.approx(max(0.0, gains[0] - answer.gain.mean), abs=1e-11)
    if loss in ("any", "combined"):
        assert answer.cost == 0
        assert max(gains) <= answer.gain.mean + 1e-12
    else:
        own = next(each for each in answer.losses if each.setting.loss == loss)
        assert own.setting == answer.setting
        assert own.gain.mean == pytest.approx(answer.gain.mean, abs=1e-12)
    margins = [each for each in answer.losses if each.setting.loss != "softmax"]
    for one, other in permutations(margins, 2):
        if is_expressible(one.setting, other.setting.loss):
            assert one.gain.mean <= other.gain.mean + 1e-12


def test_a_loss_with_a_cost_says_so(small, choice):
    answer = ask(small, choice, "cosface")
    assert answer.setting.loss == "cosface"
    assert answer.cost == pytest.approx(0.01, abs=0.006)
    assert "best of all losses       arcface (m2 0.3, scale 16), lr 0.001: " in str(answer)
    assert json.loads(answer.to_json())["cost"] == answer.cost
    assert "best of all losses" not in str(ask(small, choice, "arcface"))


def test_a_combined_loss_says_what_it_is_called(small, choice):
    answer = ask(small, choice, "combined")
    assert answer.setting.loss == "combined"
    assert answer.common_name == "arcface"
    assert f"the same as              {simplest(answer.setting).describe()}" in str(answer)
    assert "each loss at its best" not in str(answer)
    assert "each loss at its best" in str(ask(small, choice, "any"))


def test_any_loss_is_the_combined_one_by_its_common_name(small, choice):
    named, combined = ask(small, choice, "any"), ask(small, choice, "combined")
    assert named.setting == simplest(combined.setting)
    assert [each.setting for each in named.shortlist] == [
        simplest(each.setting) for each in combined.shortlist
    ]
    assert named.gain == combined.gain
    assert set(named.as_good) == {"m2", "scale"}
    assert "--loss combined" in named.sweep


@pytest.mark.parametrize(
    ("margins", "name"),
    [
        ({}, "normalized-softmax"),
        ({"m1": 1.3}, "sphereface"),
        ({"m2": 0.2}, "arcface"),
        ({"m3": -0.1}, "cosface"),
        ({"m2": 0.2, "m3": 0.1}, "combined"),
        ({"m1": 0.9, "m2": 0.4, "m3": 0.15}, "combined"),
    ],
)
def test_common_names(margins, name):
    setting = Setting("combined", **margins, scale=9.0)
    assert simplest(setting) == Setting(name, **margins, scale=9.0)
    with_term = Setting.of("combined", {**margins, "center.lambda": 0.1})
    assert simplest(with_term).losses == f"{name} + center"
    assert simplest(Setting("softmax")).loss == "softmax"


def test_where_nothing_was_measured_no_loss_is_compared(small, choice):
    answer = ask(Repository.empty(), choice, "any")
    assert (answer.losses, answer.cost, answer.setting.loss) == ((), 0.0, "softmax")
    assert not answer.known
    json.loads(answer.to_json())


def test_an_unknown_loss_is_one_line(small, choice):
    with pytest.raises(UsageError, match="knows nothing of triplet yet"):
        ask(small, choice, "triplet")
