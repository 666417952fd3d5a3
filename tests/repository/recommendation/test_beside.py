"""λ of terms, beside the loss that is recommended."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from sweeper.errors import UsageError
from sweeper.losses.with_terms import LossWithTerms
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.recommend import recommend
from tests.support.plans import PLAN
from tests.support.terms import with_terms

FEATURES = {f"f{i}": 0.0 for i in range(4)}
HELPFUL = [0.0, 0.01, 0.03, 0.04, -0.1]
HARMFUL = [-0.01, -0.02, -0.03, -0.04, -0.1]


@pytest.fixture(scope="module")
def known(world):
    return world(curve=0.4).repository(sources=12)


@pytest.fixture(scope="module")
def choice(known):
    return evaluate(known, "accuracy").choice


@pytest.fixture
def ask(known, choice):
    def asked(law, loss="arcface", beside=("center",), plan=PLAN, noise=0.003):
        measures = with_terms(known, law, noise).measures
        terms = {"beside": beside, "measures": measures}
        return recommend(known, FEATURES, plan, loss=loss, choice=choice, **terms)

    return asked


def by_loss(softmax, margins):
    return lambda number, term, loss: softmax if loss == "softmax" else margins


@pytest.mark.parametrize("loss", ["softmax", "arcface", "combined"])
def test_the_known_best_is_found(ask, loss):
    answer = ask(by_loss(HELPFUL, HELPFUL), loss)
    assert answer.known
    assert answer.setting.terms == ("center",)
    assert answer.setting["center.lambda"] == 0.1
    (advice,) = answer.terms
    assert (advice.lambda_, advice.best, advice.known) == (0.1, 0.1, True)
    assert advice.gain.low <= 0.04 <= advice.gain.high
    assert dict(advice.gains)[1.0].mean == pytest.approx(-0.1, abs=0.004)
    content = json.loads(answer.to_json())["recommended"]
    assert (content["lambda"], content["terms"]) == (0.1, {"center": 0.1})
    text = str(answer)
    assert re.search(r"^  center {19}λ = 0\.1: \+(3\.9|4\.0|4\.1) points, 90 %", text, re.MULTILINE)
    assert "on 12 tasks of 12 sources" in " ".join(text.split())
    assert [line for line in text.partition("shortlist")[0].splitlines() if len(line) > 99] == []
    module = answer.loss(num_classes=10, embedding_size=8)
    assert isinstance(module, LossWithTerms)
    assert answer.sweep.endswith("--beside center")


@pytest.mark.parametrize("loss", ["softmax", "arcface"])
def test_where_it_hurts_no_term_is_recommended_and_the_best_is_shown(ask, loss):
    answer = ask(by_loss(HARMFUL, HARMFUL), loss)
    assert answer.setting.terms == ()
    (advice,) = answer.terms
    assert (advice.lambda_, advice.best) == (0.0, 1e-4)
    assert advice.gain.mean == 0
    content = json.loads(answer.to_json())
    for setting in (content["recommended"], content["shortlist"][0]):
        assert (setting["lambda"], setting["terms"]) == (0.0, {"center": 0.0})
    assert content["terms"][0]["helps"] is False
    text = " ".join(str(answer).split())
    assert "none (λ = 0): no gain beyond noise is expected; the best λ is 0.0001: -" in text


def test_the_term_changes_neither_loss_nor_margins(ask, known, choice):
    """Beside softmax it gains more than any margin: that was measured at one rate alone."""
    answer = ask(by_loss([0.5] * 5, [0.0] * 5), noise=0.0)
    without = recommend(
        known, {f"f{i}": 0.0 for i in range(4)}, PLAN, loss="arcface", choice=choice
    )
    assert answer.setting == without.setting
    assert answer.gain == without.gain
    assert answer.losses == without.losses
    softmax = [each.setting for each in answer.shortlist if each.setting.loss == "softmax"]
    assert all(each.terms == ("center",) for each in softmax)


def test_the_gain_of_both_is_their_sum_and_their_errors_are_independent(ask, known, choice):
    answer = ask(by_loss(HELPFUL, HELPFUL))
    without = recommend(
        known, {f"f{i}": 0.0 for i in range(4)}, PLAN, loss="arcface", choice=choice
    )
    own, term, both = without.gain, answer.terms[0].gain, answer.gain
    assert both.mean == pytest.approx(own.mean + term.mean)
    assert (both.high - both.mean) ** 2 == pytest.approx(
        (own.high - own.mean) ** 2 + (term.high - term.mean) ** 2
    )
    assert answer.as_good == without.as_good
    profile = answer.profiles["m2"]
    at = profile.values.index(answer.setting.m2)
    here = (profile.mean[at], profile.low[at], profile.high[at])
    assert here == pytest.approx((both.mean, both.low, both.high))


def test_of_two_terms_the_better_one_alone_is_recommended(ask):
    def law(number, term, loss):
        return HELPFUL if term == "sigma2r" else [0.0, 0.0, 0.02, 0.0, 0.0]

    answer = ask(law, beside=("center", "sigma2r"))
    assert answer.setting.terms == ("sigma2r",)
    center, sigma2r = answer.terms
    assert (center.lambda_, center.best, sigma2r.lambda_) == (0.0, 0.01, 0.1)
    assert "beside sigma2r, of which more is expected" in " ".join(str(answer).split())
    content = json.loads(answer.to_json())["recommended"]
    assert (content["lambda"], content["terms"]) == (0.1, {"center": 0.0, "sigma2r": 0.1})


def test_beside_softmax_the_list_has_several_lambdas(ask):
    def law(number, term, loss):
        return [0.0, 0.0, 0.02, 0.04, 0.0] if number % 3 else [0.0, 0.0, 0.05, 0.01, 0.0]

    answer = ask(law, "softmax", noise=0.001)
    tried = [each.setting["center.lambda"] for each in answer.shortlist]
    assert tried[0] == answer.terms[0].lambda_
    assert set(tried[:2]) == {0.01, 0.1}
    regrets = [each.regret for each in answer.shortlist]
    assert regrets == sorted(regrets, reverse=True)
    assert answer.warm_starts == tuple(s.setting for s in answer.shortlist if s.setting.terms)


@pytest.mark.parametrize("plan", [replace(PLAN, start="frozen"), replace(PLAN, epochs=3000)])
def test_beyond_what_was_measured_lambda_is_what_is_safest(ask, plan):
    """Most tasks gain at 0.01; the mean over all sources, by a plain loop, says so, too."""
    laws = [[0.0, 0.0, 0.03, 0.035, 0.0] if i % 3 else [0, 0, 0.03, 0.0, 0] for i in range(12)]
    answer = ask(lambda number, *of: laws[number], "softmax", plan=plan, noise=0.0)
    assert not answer.known
    (advice,) = answer.terms
    assert not advice.known
    means = np.mean(laws, axis=0)
    assert [gain.mean for _, gain in advice.gains] == pytest.approx(means)
    assert advice.lambda_ == [1e-4, 1e-3, 1e-2, 0.1, 1.0][int(means.argmax())]
    assert any("center: you train unlike all" in note for note in answer.notes)


def test_what_was_measured_of_few_is_no_term(known, choice):
    measures = with_terms(known, by_loss(HELPFUL, HELPFUL), measured=2).measures
    for given in (measures, None):
        answer = recommend(known, FEATURES, PLAN, choice=choice, beside=("center",), measures=given)
        assert answer.setting.terms == ()
        assert not answer.known
        (advice,) = answer.terms
        assert (advice.best, advice.gains, advice.tasks) == (None, (), 0)
        assert any(note.startswith("center: measured on too few") for note in answer.notes)
        assert "too little was measured" in str(answer)
        json.loads(answer.to_json())


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ("cente", "unknown term 'cente'; did you mean center"),
        ("center,", "unknown term ''"),
        ("center,center", "center is named twice"),
        (["sigma2r", "sigma2r"], "sigma2r is named twice"),
        ("triplet", "the repository knows nothing of triplet yet; it knows of center, sigma2r"),
        ("center=0.01", "λ is what is recommended"),
        ("center.lambda", "λ is what is recommended"),
        ("center.lambda=0.1", "λ is what is recommended"),
    ],
)
def test_bad_terms_are_one_line(beside, message):
    with pytest.raises(UsageError, match=message) as caught:
        asked_terms(beside)
    assert "\n" not in str(caught.value)


def test_terms_come_in_one_order():
    assert asked_terms(None) == ()
    assert asked_terms(" sigma2r , center") == asked_terms(["sigma2r", "center"])
    assert asked_terms("sigma2r,center") == ("center", "sigma2r")


def test_without_terms_nothing_changes(ask):
    answer = ask(by_loss(HELPFUL, HELPFUL), beside=())
    assert answer.terms == ()
    assert isinstance(answer.setting, Setting)
    assert "--beside" not in answer.sweep
