import numpy as np
import pytest

from sweeper.repository.gains import TooLittleError
from sweeper.repository.terms.effects import Effects
from sweeper.repository.terms.gains import term_gains
from tests.support.terms import LAMBDAS, with_terms


def law(number, term, loss):
    return 0.01 * np.arange(5) + 0.001 * number + (0.1 if loss == "softmax" else 0.0)


@pytest.fixture
def terms(world):
    return with_terms(world().repository(sources=8, settings=12), law, measured=5)


def test_each_task_has_its_row(terms):
    knowledge = terms.knowledge
    gains = term_gains(terms.measures, "accuracy")
    for with_margins, base in ((False, "softmax"), (True, "arcface")):
        effects = Effects.of(gains, knowledge, "center", with_margins)
        assert effects.beside.loss == base
        assert effects.lambdas.tolist() == list(LAMBDAS)
        assert effects.tasks.tolist() == [True] * 5 + [False] * 3
        assert len(set(effects.source)) == 5
        expected = [law(number, "center", base) for number in range(5)]
        assert effects.gain == pytest.approx(np.array(expected))
        assert effects.half_a == pytest.approx(effects.half_b)
    assert effects.beside.m2 == 0.2


def test_a_lambda_that_few_have_costs_no_task(terms):
    rare = terms.measures[
        (terms.measures["lambda"] != 1.0) | (terms.measures["task"] == terms.measures["task"][0])
    ]
    effects = Effects.of(term_gains(rare, "accuracy"), terms.knowledge, "center", False)
    assert effects.lambdas.tolist() == list(LAMBDAS[:-1])
    assert effects.gain.shape == (5, 4)


@pytest.mark.parametrize("measured", [0, 2])
def test_too_few_sources_are_refused(world, measured):
    terms = with_terms(world().repository(sources=6, settings=12), law, measured=measured or 1)
    table = terms.measures if measured else terms.measures.iloc[:0]
    with pytest.raises(TooLittleError, match=f"measured on {measured} of the 3 sources"):
        Effects.of(term_gains(table, "accuracy"), terms.knowledge, "center", False)
