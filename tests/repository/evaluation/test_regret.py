import numpy as np
import pandas as pd
import pytest

from sweeper.errors import UsageError
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, PLAIN_SOFTMAX
from sweeper.repository.evaluation.methods import OURS, RANDOM
from sweeper.repository.evaluation.regret import OWN_SOURCE, SOURCES, WHOLE, evaluate
from sweeper.repository.gains import TooLittleError, best_rate_gains
from sweeper.repository.records import Repository


@pytest.fixture(scope="module")
def moving(world):
    return world(curve=0.4, moves=1.2).repository(sources=30, settings=24)


@pytest.fixture(scope="module")
def evaluation(moving):
    return evaluate(moving, "accuracy")


def regret(evaluation, name, scheme=SOURCES):
    return evaluation.choice.regrets[scheme][name]["regret"][0]


def test_a_best_margin_that_moves_is_found(evaluation):
    """Ours beats every other method, and its regret is near nothing."""
    ours = regret(evaluation, OURS)
    assert ours < 0.5 * regret(evaluation, BEST_CONSTANT)
    assert ours < 0.25 * regret(evaluation, PLAIN_SOFTMAX)
    summary = evaluation.choice.regrets[SOURCES]
    assert all(
        numbers["p"] < 0.05 for name, numbers in summary.items() if name not in (OURS, NEAREST_TASK)
    )
    three = summary[OURS]["regret"][1]
    assert three < 0.25 * summary["ArcFace (0.5, 64)"]["regret"][0]
    assert evaluation.choice.shares["constant"] < 0.5
    assert evaluation.choice.worse[PLAIN_SOFTMAX]["surely"] <= 1 / 30  # one is far from all


@pytest.mark.parametrize("seed", range(3))
def test_where_tasks_do_not_differ_it_is_as_good_as_the_best_constant(world, seed):
    same = world(seed, curve=0.3, moves=0.0).repository(sources=8, settings=24)
    evaluation = evaluate(same, "accuracy")
    assert regret(evaluation, OURS) < 0.003
    assert regret(evaluation, OURS) < regret(evaluation, BEST_CONSTANT) + 0.001


def test_margins_that_only_hurt_lead_to_plain_softmax(world):
    harmful = world(height=-0.02, curve=0.1).repository(sources=8, settings=20)
    evaluation = evaluate(harmful, "accuracy")
    assert regret(evaluation, OURS) == pytest.approx(0, abs=1e-3)
    assert evaluation.choice.worse[PLAIN_SOFTMAX]["all"] == 0


def test_regrets_are_those_of_a_plain_loop(moving, evaluation):
    table = evaluation.tasks.set_index(["method", "task"])
    known = best_rate_gains(moving, "accuracy")
    for task, rows in known[known["loss"] != "softmax"].groupby("task"):
        a, b = np.append(rows["gain_a"], 0), np.append(rows["gain_b"], 0)
        plain = known[(known["task"] == task) & (known["loss"] == "softmax")].iloc[0]
        a[-1], b[-1] = plain["gain_a"], plain["gain_b"]
        best = (b[a.argmax()] + a[b.argmax()]) / 2
        assert table["best"][OURS, task] == pytest.approx(best)
        assert table[1][PLAIN_SOFTMAX, task] == pytest.approx(best)
        arcface = rows[(rows["m2"] == 0.5) & (rows["scale"] == 64)]["gain"].iloc[0]
        assert table[1]["ArcFace (0.5, 64)", task] == pytest.approx(best - arcface)
        assert table[1][RANDOM, task] == pytest.approx(best - rows["gain"].mean())
    summary = evaluation.choice.regrets[SOURCES]
    assert summary["ArcFace (0.5, 64)"]["measured"] == 1
    assert summary["CosFace (0.35, 64)"]["measured"] == 0
    own = table[1][PLAIN_SOFTMAX]
    assert summary[PLAIN_SOFTMAX]["regret"][0] == pytest.approx(own.mean())
    assert summary[PLAIN_SOFTMAX]["se"][0] == pytest.approx(own.std() / np.sqrt(len(own)))


def test_intervals_cover_what_was_held_out(evaluation):
    coverage = evaluation.choice.coverage
    assert abs(coverage["mean"] - 0.9) < 3 * coverage["se"] + 0.03


@pytest.fixture(scope="module")
def turning(world):
    """Half of the tasks see fifty times more samples, and want another margin."""
    return turned(world, sources=16)


def turned(world, sources):
    law = world(curve=0.4, moves=0.0)
    tasks, results = [], []
    for number in range(sources):
        long = number % 2 == 1
        features = law.rng.normal(size=4)
        # The law is moved by a feature that the repository does not know.
        law.moves = 3.0 if long else -1.0
        described, rows = law.task(f"t{number}", f"s{number}", [1.0, 0.0, 0.0, 0.0])
        described |= {f"f{i}": value for i, value in enumerate(features)}
        described["epochs"] = 500 if long else 10
        tasks.append(described)
        results += rows
    return Repository(pd.DataFrame(tasks), pd.DataFrame(results))


def test_an_answer_that_turns_with_the_length_is_learned_from_the_length(turning):
    evaluation = evaluate(turning, "accuracy")
    assert regret(evaluation, OURS) < 0.004
    assert regret(evaluation, OURS) < 0.2 * regret(evaluation, BEST_CONSTANT)


def test_a_regime_is_left_out_whole_and_by_its_sources(turning):
    evaluation = evaluate(turning, "accuracy")
    longest = "300,000 samples and more"
    own, whole = f"{longest}: {OWN_SOURCE}", f"{longest}: {WHOLE}"
    assert evaluation.choice.schemes[own] == {"tasks": 8, "sources": 8}
    assert regret(evaluation, OURS, own) < 0.01
    assert regret(evaluation, OURS, whole) > 0.02  # nothing like it is known then
    refused = evaluation.tasks[evaluation.tasks["scheme"] == whole]["refused"]
    assert refused.all()
    assert "3 needed" in evaluation.choice.schemes["frozen features"]["missing"]


def test_the_order_of_rows_makes_no_difference(world):
    repository = world().repository(sources=4, settings=10)
    shuffled = Repository(
        repository.tasks.sample(frac=1, random_state=1),
        repository.results.sample(frac=1, random_state=1),
    )
    evaluate.cache_clear()
    first = evaluate(repository, "accuracy").choice.to_json()
    evaluate.cache_clear()
    assert evaluate(shuffled, "accuracy").choice.to_json() == first


def test_what_was_evaluated_is_kept(world):
    first, again = (world().repository(sources=4, settings=10) for _ in range(2))
    assert evaluate(first, "accuracy") is evaluate(again, "accuracy")


@pytest.mark.parametrize("sources", [0, 1, 2])
def test_too_few_sources_are_too_little(world, sources):
    few = world().repository(sources=sources, settings=6) if sources else Repository.empty()
    with pytest.raises(TooLittleError, match=f"has {sources} of the 3 sources"):
        evaluate(few, "accuracy")


def test_single_seeds_and_other_objectives_are_too_little(world):
    single = world().repository(sources=4, settings=6, seeds=1)
    with pytest.raises(TooLittleError, match="two seeds"):
        evaluate(single, "accuracy")
    with pytest.raises(TooLittleError, match="retrieval"):
        evaluate(single, "retrieval")
    with pytest.raises(UsageError, match="unknown objective"):
        evaluate(single, "speed")


def test_less_compactness_is_better(world):
    """The same repository with every share turned into a length to be made small."""
    repository = world(curve=0.3, moves=0.0).repository(sources=6, settings=16)
    lengths = repository.results.assign(
        objective="compactness", value=np.exp(-repository.results["value"])
    )
    first = evaluate(repository, "accuracy")
    second = evaluate(Repository(repository.tasks, lengths), "compactness")
    pd.testing.assert_frame_equal(first.tasks, second.tasks, rtol=1e-4, atol=1e-6)
