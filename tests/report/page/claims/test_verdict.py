"""Verdicts: as often wrong as they may be, and right where they can be."""

import math

import numpy as np
import pytest

from sweeper.report.page.claims.verdict import any_differs, best, better, level, words


def draws(true, spread=0.01, seeds=10, runs=2000, seed=0):
    """Yield values of two settings by seed, the first truly ahead by `true`."""
    generator = np.random.default_rng(seed)
    for _ in range(runs):
        base = generator.normal(0.9, 0.05, seeds)
        yield (
            dict(enumerate((base + generator.normal(true, spread, seeds)).tolist())),
            dict(enumerate(base.tolist())),
        )


def shares(verdicts):
    found = [verdict.word for verdict in verdicts]
    return {word: found.count(word) / len(found) for word in set(found)}


def test_of_no_difference_one_of_forty_holds():
    found = shares(better(one, other, 1) for one, other in draws(0.0))
    error = 4 * math.sqrt(0.025 / 2000)
    assert found["holds"] == pytest.approx(0.025, abs=error)
    assert found["does not"] == pytest.approx(0.025, abs=error)


def test_a_true_difference_is_found_as_often_as_is_said():
    (one, other), *rest = draws(0.01, runs=1001)
    assert better(one, other, 1).seeds == 10
    found = shares(better(one, other, 1) for one, other in rest)
    assert found["holds"] == pytest.approx(0.803, abs=0.05)  # G*Power: dz 1, n 10, two-sided


def test_what_is_published_is_excluded_by_enough_seeds():
    runs = [better(one, other, 1, 0.02) for one, other in draws(0.0, runs=500)]
    assert shares(runs)["does not"] > 0.95
    verdict = next(run for run in runs if run.found.low < 0 < run.found.high < 0.02)
    assert "as large as published is excluded" in verdict.why
    few = [better(one, other, 1, 0.0001) for one, other in draws(0.0, runs=200)]
    assert shares(few)["cannot be told"] > 0.8
    needed = (1.96 + 0.84) ** 2 * (few[0].found.spread / 0.0001) ** 2
    assert few[0].needed == pytest.approx(needed, rel=0.02)


def test_less_may_be_better():
    one, other = {0: 1.0, 1: 1.1, 2: 1.05}, {0: 2.0, 1: 2.2, 2: 2.0}
    assert better(one, other, -1).word == "holds"
    assert better(one, other, 1).word == "does not"
    assert better(one, other, -1, published=9.0).why.endswith("but by less than published")


def test_the_best_of_several():
    one = {0: 0.90, 1: 0.91, 2: 0.92, 3: 0.93}
    below = {0: 0.80, 1: 0.82, 2: 0.82, 3: 0.84}
    near = {0: 0.91, 1: 0.90, 2: 0.93, 3: 0.92}
    above = {0: 0.99, 1: 1.01, 2: 1.01, 3: 1.03}
    assert best(one, {"below": below}, 1).word == "holds"
    verdict = best(one, {"below": below, "near": near}, 1)
    assert (verdict.word, verdict.why) == ("cannot be told", "not told apart from near")
    verdict = best(one, {"below": below, "near": near, "above": above}, 1)
    assert (verdict.word, verdict.why) == ("does not", "above better by more than noise")
    assert best(one, {"same": one}, 1).why == "noise is unknown"


def test_which_of_equals_is_best_is_rarely_told():
    generator = np.random.default_rng(3)
    told = 0
    for _ in range(300):
        values = generator.normal(0.9, 0.01, (6, 8))
        of = [dict(enumerate(row.tolist())) for row in values]
        verdict = best(of[0], {str(i): row for i, row in enumerate(of[1:])}, 1)
        told += verdict.word != "cannot be told"
    assert told / 300 <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)


def test_level():
    one = {seed: 0.9 + 0.001 * (seed % 2) for seed in range(20)}
    other = {seed: 0.9 + 0.001 * (seed % 3) for seed in range(20)}
    assert level(one, other, 0.01).word == "holds"
    assert level(one, other, 0.0001).word == "cannot be told"
    ahead = {seed: value + 0.1 for seed, value in other.items()}
    assert level(one, ahead, 0.01).word == "does not"
    assert level(one, one, 0.01).why == "noise is unknown"


def test_any_of_several_differs():
    generator = np.random.default_rng(4)

    def settings(means):
        return {
            str(i): dict(enumerate(generator.normal(mean, 0.01, 10).tolist()))
            for i, mean in enumerate(means)
        }

    assert any_differs(settings([0.9, 0.9, 0.95]), 0.05).word == "holds"
    assert any_differs(settings([0.9] * 4), 0.5).word == "does not"
    assert any_differs(settings([0.9] * 4), 0.001).word == "cannot be told"
    assert any_differs(settings([0.9]), 0.1).word == "cannot be told"


def test_words():
    one, other = {0: 1.0, 1: 1.1, 2: 1.05}, {0: 2.0, 1: 2.2, 2: 2.0}
    verdicts = [better(one, other, -1), better(one, other, -1), better(one, other, 1)]
    assert words(verdicts) == "2 hold, 1 does not"
