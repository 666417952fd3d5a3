"""Claims find their studies and settings, and say why where they cannot be judged."""

from dataclasses import replace

import pytest

from sweeper.registry.objectives import OBJECTIVES
from sweeper.report.page.claims.claim import (
    AnyDiffers,
    Best,
    Better,
    BetterAtEqualAccuracy,
    Choice,
    Claim,
    Falls,
    Level,
)
from sweeper.report.page.claims.judge import judge
from sweeper.report.page.claims.records import CLAIMS
from sweeper.report.page.claims.table import claims_table
from sweeper.store import ClassRecord, EpochRecord, SeedRecord, TrialRecord, record_trial
from sweeper.study.resolve import builtin_studies, builtin_study

SOFTMAX = Choice("mine", "softmax", {"lr": 0.001})
ONE, TWO = (Choice("mine", "arcface", {"m2": m2}) for m2 in (0.1, 0.2))


def claim(rule, measure="accuracy"):
    return Claim("Somebody 2020", "table 1", "it is so", measure, rule)


@pytest.fixture
def judged(experiment, train, reported):
    opened = experiment()
    train(opened, means=(0.90, 0.95, 0.92, 0.93), noise=0.0005, validation=(0.8, 0.7, 0.8, 0.7))
    study = reported(opened)
    return lambda rule, measure="accuracy": judge(claim(rule, measure), {"mine": study})


def test_rules_reach_the_settings(judged):
    assert judged(Better(ONE, SOFTMAX)).verdict.word == "holds"
    assert judged(Better(SOFTMAX, ONE)).verdict.word == "does not"
    assert judged(Better(ONE, TWO, 0.04)).verdict.word == "does not"
    assert judged(Best(TWO, (ONE, SOFTMAX))).verdict.word == "holds"
    assert judged(Best(ONE, (TWO, SOFTMAX))).verdict.why.startswith("arcface (m2 0.2) better")
    assert judged(Level(ONE, TWO, 0.1)).verdict.word == "holds"
    assert judged(AnyDiffers(Choice("mine", "arcface"), 0.01)).verdict.word == "holds"


def test_studies_of_other_data_are_not_paired(experiment, train, reported):
    mine, other = experiment(), experiment(name="other", dataset="digits[per_class=30]")
    for opened in (mine, other):
        train(opened)
    found = dict(zip(("mine", "other"), reported(mine, other), strict=True))
    verdict = judge(claim(Better(ONE, Choice("other", "arcface", {"m2": 0.1}))), found).verdict
    assert verdict.word == "not run"
    assert verdict.why.startswith("mine and other cannot be compared: their data are digits")


def test_of_several_settings_the_best_by_validation_is_taken(judged):
    # Softmax at 0.01 has 0.95 on test data, but less on validation data than at 0.001.
    every = Choice("mine", "softmax")
    assert judged(Better(ONE, every)).verdict.found.mean == pytest.approx(0.02, abs=0.001)


def test_measures_of_classes_are_means_over_them(judged):
    verdict = judged(Better(ONE, SOFTMAX), "plain_spread").verdict
    assert verdict.found.mean == 0.0  # the same in all
    assert verdict.why == "noise is unknown"


def test_what_is_not_run(judged, experiment, train, reported):
    missing = judged(Better(ONE, Choice("other", "softmax"))).verdict
    assert (missing.word, missing.why) == ("not run", "`sweeper run other`")
    absent = judged(Better(ONE, Choice("mine", "arcface", {"m2": 0.7}))).verdict
    assert absent.why == "mine has no complete trial of arcface (m2 0.7)"
    opened = experiment(name="half")
    train(opened, means=(0.9, 0.9))
    rule = Better(replace(ONE, study="half"), replace(SOFTMAX, study="half"))
    half = judge(claim(rule), {"half": reported(opened)}).verdict
    assert (half.word, half.why) == (
        "not run",
        "half: 2 of 4 settings are complete (50 %)",
    )


def test_a_growth_that_falls(experiment, reported):
    opened = experiment(settings=[{"loss": "softmax", "beside": ["sigma2r"]}])

    def curve(*growth):
        """Two classes, the second 0.5 above the first."""
        told = [{"sigma2r.growth": (value, value + 0.5)} for value in growth]
        return tuple(EpochRecord(e, 1.0, None, each) for e, each in enumerate(told, start=1))

    curves = [curve(1.0, 9.0, 0.0), curve(2.0, 9.0, 0.8), curve(1.5, 9.0, 0.4)]
    seeds = tuple(SeedRecord(i, {"accuracy": 0.9}, each) for i, each in enumerate(curves))
    record = TrialRecord(opened.spec.settings_list()[0], "complete", number=0, seeds=seeds)
    record_trial(opened.database, opened.stored.id, record, "test")
    rule = Falls(Choice("mine", "softmax + sigma2r"), "sigma2r.growth")
    verdict = judge(claim(rule, "growth"), {"mine": reported(opened)}).verdict
    assert verdict.word == "holds"
    assert verdict.found.mean == pytest.approx((1.0 + 1.2 + 1.1) / 3)


def test_terms_at_equal_accuracy(experiment, reported):
    """Over λ center falls from 2 points ahead to 2 behind; σ²R from 1 ahead to 3, in half the λ."""
    opened = experiment(
        settings=[
            {"loss": "softmax"},
            {"loss": "softmax", "beside": ["center"], "center.lambda": [0.01, 1.0]},
            {"loss": "softmax", "beside": ["sigma2r"], "sigma2r.lambda": [0.01, 0.1]},
        ]
    )
    at = {  # accuracy and spread of each
        "softmax": (0.90, 1.0),
        ("center", 0.01): (0.92, 0.8),
        ("center", 1.0): (0.88, 0.2),
        ("sigma2r", 0.01): (0.91, 0.7),
        ("sigma2r", 0.1): (0.87, 0.3),
    }
    noise = (0.0, 0.001, -0.001, 0.002, -0.002, 0.0)
    for number, setting in enumerate(opened.spec.settings_list()):
        terms = list(setting.terms)
        key = (terms[0], setting[f"{terms[0]}.lambda"]) if terms else "softmax"
        accuracy, spread = at[key]
        seeds = tuple(
            SeedRecord(
                i,
                {"accuracy": accuracy + e},
                (EpochRecord(1, 1.0, 0.5),),
                (ClassRecord(0, 0.9, spread, spread + (number + 1) * e),),
            )
            for i, e in enumerate(noise)
        )
        record = TrialRecord(setting, "complete", number=number, seeds=seeds)
        record_trial(opened.database, opened.stored.id, record, "test")
    center, sigma2r = (Choice("mine", f"softmax + {term}") for term in ("center", "sigma2r"))
    studies = {"mine": reported(opened)}
    rule = BetterAtEqualAccuracy(center, sigma2r, Choice("mine", "softmax"))
    verdict = judge(claim(rule, "plain_spread"), studies).verdict
    assert verdict.word == "holds"
    # Center crosses half-way, at 0.5; σ²R after a quarter, at 0.6. Less is better.
    assert verdict.found.mean == pytest.approx(0.1)
    early = replace(rule, one=Choice("mine", "softmax + center", {"center.lambda": 0.01}))
    assert "fewer than two" in judge(claim(early, "plain_spread"), studies).verdict.why


def test_changed_studies_are_said(experiment, train, reported):
    opened = experiment(name="mnist-arcface")
    train(opened)
    rule = Better(replace(ONE, study="mnist-arcface"), replace(SOFTMAX, study="mnist-arcface"))
    (remark,) = judge(claim(rule), {"mnist-arcface": reported(opened)}).remarks
    assert "epochs (2, not 20)" in remark
    assert "seeds (6, not 20)" in remark


@pytest.mark.parametrize("of", CLAIMS, ids=lambda of: of.text)
def test_every_claim_is_of_built_in_studies_and_their_settings(of):
    assert set(of.studies) <= set(builtin_studies())
    known = {"plain_spread", "spread", "growth"}
    assert of.measure in known | set(OBJECTIVES)
    match of.rule:
        case Better(one, other) | Level(one, other):
            choices = [one, other]
        case Best(one, others):
            choices = [one, *others]
        case AnyDiffers(choice) | Falls(choice):
            choices = [choice]
        case BetterAtEqualAccuracy(one, other, plain):
            choices = [one, other, plain]
    for choice in choices:
        spec = builtin_study(choice.study)
        fitting = [
            setting
            for setting in spec.settings_list()
            if setting.losses == choice.losses
            and all(setting.get(n, -1.0) == pytest.approx(v) for n, v in choice.at.items())
        ]
        assert fitting, choice
        assert of.measure in (*spec.objectives, *known)


def test_the_table(judged):
    table = claims_table(
        [judged(Better(ONE, SOFTMAX)), judged(Better(ONE, Choice("no", "softmax")))]
    )
    assert table.notes[0].startswith("1 holds, 1 not run. ")
    first = dict(zip(table.header, table.rows[0], strict=True))
    assert first["verdict"] == "holds"
    assert first["seeds"] == "6"
    assert first["difference"].startswith("+")
    assert table.frame["verdict"].tolist() == ["holds", "not run"]
