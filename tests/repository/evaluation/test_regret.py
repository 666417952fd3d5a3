import numpy as np
import pandas as pd
import pytest

from sweeper.errors import UsageError
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.gains import TooLittleError, gains
from sweeper.repository.records import Repository
from sweeper.repository.surrogates import Constant, NearestTasks, Ridge

FEW = (Constant(), NearestTasks(), Ridge(4))


@pytest.fixture(scope="module")
def moving(world):
    return world(curve=0.4, moves=1.2).repository(sources=30, settings=24)


def test_a_best_margin_that_moves_is_found(moving):
    """The regression beats every baseline, and its regret is near nothing."""
    evaluation = evaluate(moving, "accuracy")
    choice = evaluation.choice
    regrets = evaluation.summary().set_index("name")
    assert choice.baseline is None
    assert choice.kind != "constant"
    assert regrets["regret"]["recommendation"] < 0.25 * regrets["regret"]["best constant"]
    assert regrets["regret"]["recommendation"] < 0.1 * regrets["regret"]["plain softmax"]
    assert (regrets["p"].drop("recommendation") < 0.05).all()
    known = evaluation.tasks[~evaluation.tasks["refused"]]
    assert abs(known["recommendation"].mean()) < 0.002
    assert evaluation.tasks["refused"].sum() <= 2


@pytest.mark.parametrize("seed", range(4))
def test_pure_noise_leads_to_a_baseline(world, seed):
    noise = world(seed, height=0.0, curve=0.0).repository(sources=8, settings=20)
    assert evaluate(noise, "accuracy", FEW).choice.baseline is not None


def test_gains_that_are_the_same_everywhere_lead_to_the_best_constant(world):
    same = world(curve=0.3, moves=0.0).repository(sources=8, settings=24)
    choice = evaluate(same, "accuracy", FEW).choice
    assert choice.baseline == "best constant"
    assert choice.regrets["best constant"]["regret"] < 0.003


def test_margins_that_only_hurt_lead_to_plain_softmax(world):
    harmful = world(height=-0.02, curve=0.1).repository(sources=8, settings=20)
    choice = evaluate(harmful, "accuracy", FEW).choice
    assert choice.baseline == "plain softmax"
    assert choice.regrets["plain softmax"]["regret"] == pytest.approx(0, abs=1e-3)


def test_refused_tasks_count_at_plain_softmax(world):
    repository = world(moves=0.5).repository(sources=6, settings=12)
    tasks = repository.tasks.copy()
    tasks.loc[tasks["id"] == "t3-0", "f2"] = 50.0
    table = evaluate(Repository(tasks, repository.results), "accuracy", FEW).tasks.set_index("task")
    assert table["refused"]["t3-0"]
    assert table["recommendation"]["t3-0"] == table["plain softmax"]["t3-0"]


def test_regrets_are_those_of_a_plain_loop(moving):
    evaluation = evaluate(moving, "accuracy")
    table = evaluation.tasks.set_index("task")
    known = gains(moving, "accuracy")
    for task, rows in known[known["loss"] != "softmax"].groupby("task"):
        a, b = rows["half_a"].to_numpy(), rows["half_b"].to_numpy()
        control = rows["control_score"].iloc[0]
        best = (b[a.argmax()] + a[b.argmax()]) / 2 - control
        assert table["best"][task] == pytest.approx(best)
        assert table["plain softmax"][task] == pytest.approx(best)
        arcface = rows[(rows["m2"] == 0.5) & (rows["scale"] == 64)]["gain"].iloc[0]
        assert table["ArcFace (0.5, 64)"][task] == pytest.approx(best - arcface)
    assert evaluation.measured["ArcFace (0.5, 64)"] == 1
    assert evaluation.measured["CosFace (0.35, 64)"] == 0
    summary = evaluation.summary().set_index("name")
    own = table["plain softmax"]
    assert summary["se"]["plain softmax"] == pytest.approx(own.std() / np.sqrt(len(own)))


def test_the_order_of_rows_makes_no_difference(world):
    repository = world().repository(sources=4, settings=10)
    shuffled = Repository(
        repository.tasks.sample(frac=1, random_state=1),
        repository.results.sample(frac=1, random_state=1),
    )
    evaluate.cache_clear()
    first = evaluate(repository, "accuracy", FEW).choice.to_json()
    evaluate.cache_clear()
    assert evaluate(shuffled, "accuracy", FEW).choice.to_json() == first


def test_what_was_evaluated_is_kept(world):
    first, again = (world().repository(sources=4, settings=10) for _ in range(2))
    assert evaluate(first, "accuracy", FEW) is evaluate(again, "accuracy", FEW)


@pytest.mark.parametrize("sources", [0, 1, 2])
def test_too_few_sources_are_too_little(world, sources):
    few = world().repository(sources=sources, settings=6) if sources else Repository.empty()
    with pytest.raises(TooLittleError, match=f"has {sources} of the 3 sources"):
        evaluate(few, "accuracy", FEW)


def test_single_seeds_and_other_objectives_are_too_little(world):
    single = world().repository(sources=4, settings=6, seeds=1)
    with pytest.raises(TooLittleError, match="two seeds"):
        evaluate(single, "accuracy", FEW)
    with pytest.raises(TooLittleError, match="retrieval"):
        evaluate(single, "retrieval", FEW)
    with pytest.raises(UsageError, match="unknown objective"):
        evaluate(single, "speed", FEW)


def test_less_compactness_is_better(world):
    """The same repository with every share turned into a length to be made small."""
    repository = world(curve=0.3, moves=0.0).repository(sources=6, settings=16)
    lengths = repository.results.assign(
        objective="compactness", value=np.exp(-repository.results["value"])
    )
    first = evaluate(repository, "accuracy", FEW)
    second = evaluate(Repository(repository.tasks, lengths), "compactness", FEW)
    pd.testing.assert_frame_equal(first.tasks, second.tasks, rtol=1e-4, atol=1e-6)
