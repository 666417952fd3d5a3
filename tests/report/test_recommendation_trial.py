"""The table of a recommendation that was tried: its gains against a calculation by hand."""

import re
from dataclasses import replace

import pytest

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.report.recommendation_trial import print_tried
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import (
    Baseline,
    Recommendation,
    ToTry,
)
from sweeper.repository.recommendation.term_advice import TermAdvice
from tests.support.plans import PLAN

OURS, PLAIN, DEFAULT = (
    Setting("arcface", m2=0.2, scale=8),
    Setting("softmax"),
    Setting("cosface", m3=0.35),
)


@pytest.fixture
def recommendation():
    baselines = (
        Baseline("plain softmax", PLAIN, 0.0),
        Baseline("CosFace (0.35, 64)", DEFAULT, None),
    )
    return Recommendation(
        "accuracy", True, OURS, Gain(0.01, -0.02, 0.04), {}, (), baselines, (), "sweeper run", PLAN
    )


@pytest.fixture
def tried(make_study):
    tables = [
        {"loss": s.loss, **{name: getattr(s, name) for name in LOSSES[s.loss].margins}}
        for s in (OURS, PLAIN, DEFAULT)
    ]
    return make_study(kind="experiment", settings=tables)


def rows(text):
    cells = (re.split(r"\s{2,}", line.strip()) for line in text.splitlines())
    return {first: rest for first, *rest in cells if len(rest) > 2}


def test_gains_are_differences_seed_by_seed(recommendation, tried, put, outcome_of, capsys):
    put(tried, 0, setting=OURS, values={"accuracy": [0.90, 0.86]})
    put(tried, 1, setting=PLAIN, values={"accuracy": [0.80, 0.82]})
    put(tried, 2, "failed", setting=DEFAULT, cause="non-finite: the loss of epoch 1 with seed 0")
    print_tried(recommendation, outcome_of(tried))
    table = rows(capsys.readouterr().out)
    # (10 + 4) / 2 = 7 points; their deviation is 6 / sqrt 2, so the standard error is 3.
    assert table["recommended"] == [
        *("arcface (m2 0.2, scale 8)", "88.0 ± 2.8 %", "+1.0 points", "+7.0 points ± 3.0 points")
    ]
    assert table["plain softmax"] == ["softmax", "81.0 ± 1.4 %", "0.0 points", "–"]
    assert table["CosFace (0.35, 64)"][1:] == [
        *("non-finite: the loss of epoch 1 with seed 0", "–", "–")
    ]


def test_stopped_before_plain_softmax_was_trained(recommendation, tried, put, outcome_of, capsys):
    put(tried, 0, setting=OURS, values={"accuracy": [0.90, 0.86]})
    print_tried(recommendation, outcome_of(tried))
    table = rows(capsys.readouterr().out)
    assert table["recommended"][1:] == ["88.0 ± 2.8 %", "+1.0 points", "–"]
    assert table["plain softmax"][1:] == ["–", "0.0 points", "–"]


def test_stopped_before_anything_was_measured(recommendation, tried, put, outcome_of, capsys):
    put(tried, 0, "failed", setting=OURS, cause="killed: process 10139 of a-machine")
    print_tried(recommendation, outcome_of(tried))
    out = capsys.readouterr().out
    assert rows(out)["recommended"][1:] == ["not finished", "+1.0 points", "–"]
    assert "on test data" not in out
    assert "10139" not in out


def test_what_is_recommended_with_a_term_is_shown_without_it(
    recommendation, make_study, put, outcome_of, capsys
):
    with_term = Setting.of("arcface", {"m2": 0.2, "scale": 8, "center.lambda": 0.1})
    advice = TermAdvice(
        "center", "arcface", lambda_=0.1, best=0.1, gains=((0.1, Gain(0.004, 0, 0.01)),)
    )
    answer = replace(recommendation, setting=with_term, terms=(advice,))
    tried = make_study(kind="experiment", settings=[{"loss": "arcface", "m2": 0.2, "scale": 8}])
    put(tried, 0, setting=with_term, values={"accuracy": [0.90, 0.86]})
    put(tried, 1, setting=OURS, values={"accuracy": [0.81, 0.83]})
    put(tried, 2, setting=PLAIN, values={"accuracy": [0.80, 0.82]})
    print_tried(answer, outcome_of(tried))
    table = rows(capsys.readouterr().out)
    assert table["recommended"][0] == "arcface (m2 0.2, scale 8) + center (lambda 0.1)"
    assert table["without the term"] == [
        *("arcface (m2 0.2, scale 8)", "82.0 ± 1.4 %", "+0.6 points", "+1.0 points ± 0.0 points")
    ]


def test_the_shortlist_stands_after_the_recommended_setting_with_its_rates(
    recommendation, make_study, put, outcome_of, capsys
):
    second = replace(OURS, lr=3e-3)
    tried = make_study(kind="experiment", settings=[{"loss": "arcface", "m2": 0.2, "scale": 8}])
    put(tried, 0, setting=OURS, values={"accuracy": [0.90, 0.86]})
    put(tried, 1, setting=PLAIN, values={"accuracy": [0.80, 0.82]})
    put(tried, 2, setting=second, values={"accuracy": [0.81, 0.83]})
    shortlist = (ToTry(OURS, 0.02), ToTry(second, 0.01))
    print_tried(replace(recommendation, shortlist=shortlist), outcome_of(tried))
    table = rows(capsys.readouterr().out)
    assert table["recommended"][0] == "arcface (m2 0.2, scale 8), lr 0.001"
    assert table["shortlist, 2."] == [
        *("arcface (m2 0.2, scale 8), lr 0.003", "82.0 ± 1.4 %", "–", "+1.0 points ± 0.0 points")
    ]
