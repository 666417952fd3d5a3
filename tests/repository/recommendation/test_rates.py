"""Learning rates are recommended with the margins, and plain softmax has one of its own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.records import Repository
from tests.support.plans import PLAN


def ask(repository, features, plan=PLAN, **given):
    named = {f"f{i}": float(value) for i, value in enumerate(features)}
    return recommend(repository, named, plan, loss="arcface", **given)


def test_the_best_rate_is_recommended_unless_one_was_given(world):
    """Everything is two points better at three times the rate, plain softmax one point."""
    base = world(moves=0.0).repository(sources=6, settings=12)
    faster = base.results.assign(lr=3e-3)
    plain = faster["loss"] == "softmax"
    faster["value"] += np.where(plain, 0.01, 0.02)
    repository = Repository(base.tasks, pd.concat([base.results, faster]))
    choice = evaluate(repository, "accuracy").choice
    free = ask(repository, (0, 0, 0, 0), choice=choice)
    assert free.setting.lr == 3e-3
    assert next(b for b in free.baselines if b.name == "plain softmax").setting.lr == 3e-3
    assert str(free).splitlines()[0].endswith(", lr 0.003")
    assert " points at lr 0.003, 90 % interval" in str(free)
    assert "lr" not in str(free.plan)
    kept = ask(repository, (0, 0, 0, 0), plan=replace(PLAN, given=("lr",)), choice=choice)
    assert str(kept).splitlines()[0] == f"accuracy: {kept.setting.describe()}"
    assert ", lr 0.001, " in str(kept.plan)
    assert {each.setting.lr for each in kept.shortlist if each.setting.loss != "softmax"} == {1e-3}
    # Over plain softmax at its best rate: a point less at the given one.
    assert free.gain.mean - kept.gain.mean == pytest.approx(0.02, abs=0.004)


def test_the_rate_of_plain_softmax_is_that_of_trainings_like_yours(world):
    """Short trainings, at two rates, want the larger one; long ones, at three, the smallest."""
    law = world(moves=0.0)
    tasks, results = [], []
    for number in range(24):
        is_long = number % 2
        task, rows = law.task(f"t{number:02}", f"s{number}", [1.0, 0, 0, 0])
        tasks.append({**task, "epochs": 270 if is_long else 10})
        points = {3e-4: 0.03, 1e-3: 0.0, 3e-3: -0.03} if is_long else {1e-3: 0.0, 3e-3: 0.08}
        for lr, more in points.items():
            own = rows if lr == 1e-3 else [row for row in rows if row["loss"] == "softmax"]
            results += [{**row, "lr": lr, "value": row["value"] + more} for row in own]
    repository = Repository(pd.DataFrame(tasks), pd.DataFrame(results))
    choice = evaluate(repository, "accuracy").choice
    for epochs, lr in ((10, 3e-3), (270, 3e-4)):
        plan = replace(PLAN, epochs=epochs)
        answer = ask(repository, (1, 0, 0, 0), plan=plan, choice=choice)
        assert next(b for b in answer.baselines if b.name == "plain softmax").setting.lr == lr
