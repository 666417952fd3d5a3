import numpy as np
import pytest

from sweeper.repository.terms.effects import Effects
from sweeper.repository.terms.evaluation import (
    CONSTANT,
    NONE,
    RECOMMENDED,
    coverage_of,
    evaluate_term,
    evaluate_terms,
    factor_of,
    left_out_probability,
)
from sweeper.repository.terms.gains import term_gains
from tests.support.terms import with_terms


def repository(world, **sizes):
    return world().repository(sources=8, settings=12, **sizes)


def test_a_left_out_source_counts_nothing(world):
    knowledge = with_terms(repository(world, per_source=2), lambda *of: [0.0] * 5).knowledge
    tasks = np.ones(16, dtype=bool)
    tasks[3] = False
    weights = left_out_probability(knowledge, tasks)
    source = knowledge.responses.source[tasks]
    assert weights.shape == (15, 15)
    assert weights.sum(1) == pytest.approx(np.ones(15))
    assert (weights[source[:, None] == source[None]] == 0).all()


def effects_of(terms, term="center", with_margins=False):
    knowledge = terms.knowledge
    effects = Effects.of(term_gains(terms.measures, "accuracy"), knowledge, term, with_margins)
    return effects, left_out_probability(knowledge, effects.tasks)


def test_regrets_are_those_of_a_table_small_enough_to_check(world):
    """λ = 0.1 is best everywhere by a point over 0.01, and both by far over nothing."""
    terms = with_terms(repository(world), lambda *of: [0.0, 0.01, 0.03, 0.04, -0.1])
    found = evaluate_term(*effects_of(terms))
    assert (found.loss, found.term, found.tasks, found.sources) == ("softmax", "center", 8, 8)
    means = {name: mean.mean for name, mean in found.regrets.items()}
    assert means == pytest.approx({RECOMMENDED: 0, CONSTANT: 0, NONE: 0.04, "λ = 0.01": 0.01})
    assert (found.worse, found.taken) == (0.0, 1.0)


def test_no_term_is_recommended_where_each_hurts(world):
    terms = with_terms(repository(world), lambda *of: [-0.01, -0.02, -0.03, -0.04, -0.1])
    found = evaluate_term(*effects_of(terms))
    assert found.taken == 0
    assert found.regrets[RECOMMENDED].mean == pytest.approx(0)
    assert found.regrets["λ = 0.01"].mean == pytest.approx(0.03)


def test_one_source_does_not_decide_for_the_others(world):
    """One source gains 40 points at λ = 1, and all others lose one: the mean is above 0."""
    terms = with_terms(
        repository(world), lambda number, *of: [0, 0, 0, 0, 0.4 if number == 0 else -0.01]
    )
    found = evaluate_term(*effects_of(terms))
    assert found.taken <= 1 / 8  # but for what is nearest to it
    assert found.regrets[RECOMMENDED].mean < found.regrets[CONSTANT].mean


def test_every_term_beside_every_loss_is_evaluated(world):
    terms = with_terms(repository(world), lambda *of: [0.01] * 5)
    found = evaluate_terms(terms.knowledge, terms.measures, "accuracy")
    assert [(each.loss, each.term) for each in found] == [
        (loss, term) for loss in ("softmax", "arcface") for term in ("center", "sigma2r")
    ]
    assert found[0].to_dict()["regrets"][NONE]["regret"] == pytest.approx(0.01)
    assert evaluate_terms(terms.knowledge, terms.measures.iloc[:0], "accuracy") == ()


def test_intervals_cover_what_sources_differ_by(world):
    """Tasks differ by a normal deviation: nine of ten new ones are inside the interval."""
    rng, covered, claimed = np.random.default_rng(1), [], []
    for _ in range(6):
        own = 0.02 * rng.normal(size=8)
        law = lambda number, *of: [0, 0, 0, 0.03 + own[number], 0]  # noqa: B023, E731
        effects, weights = effects_of(with_terms(repository(world), law, noise=0.002))
        deviation = np.sqrt(np.var(effects.gain[:, 3]))
        width = 1.645 * factor_of(effects, weights) * deviation
        new = 0.03 + 0.02 * rng.normal(size=200)
        covered.append(np.mean(np.abs(new - effects.gain[:, 3].mean()) <= width))
        claimed.append(coverage_of(effects, weights))
    assert 0.85 < np.mean(covered) <= 1
    assert np.mean(claimed) == pytest.approx(0.9, abs=0.08)
