"""What is put into a repository is found in it again, and nothing else."""

import math

import numpy as np
import pandas as pd
import pytest

from sweeper.registry.setting import Setting
from sweeper.repository.records import Repository
from tools.atlas import findings
from tools.atlas.measures import KEY


def test_a_margin_helps_where_it_was_made_to_and_hurts_where_it_was_made_to(make_repository):
    effects = findings.margin_effects(make_repository(), "accuracy")
    step = effects[effects["step"] == "m2 = 0.5, s = 64"]
    few, many = (step[step["classes"] == findings.GROUPS[place]] for place in (0, 2))
    assert (len(few), len(many)) == (6, 6)
    assert set(few["verdict"]) == {"helps"}
    assert set(many["verdict"]) == {"hurts"}
    assert few["effect"].mean() == pytest.approx(0.05, abs=0.002)
    assert many["effect"].mean() == pytest.approx(-0.05, abs=0.002)
    mean, se = findings.over_sources(few, "effect")
    assert mean == pytest.approx(few["effect"].mean())
    assert se == pytest.approx(few["effect"].std() / math.sqrt(6))


def test_of_pure_noise_about_one_in_twenty_has_a_verdict(make_repository):
    known = make_repository(noise=0.5, seed=3)
    verdicts = findings.margin_effects(known, "accuracy")["verdict"]
    assert (verdicts != "–").mean() < 0.12


def test_the_best_scale_is_the_one_that_was_put_in(make_repository):
    best = findings.best_scales(make_repository(), "accuracy")
    assert dict(best.groupby("num_classes")["best"].median()) == {5: 4.0, 40: 16.0}
    assert ((best["low"] <= best["best"]) & (best["best"] <= best["high"])).all()


def test_choosing_gains_what_the_best_setting_has(make_repository):
    known = make_repository()
    table = findings.tuned(known, "accuracy")
    assert table["scale alone"].to_numpy() == pytest.approx(0.1, abs=0.003)
    assert (table["all"] >= table["scale alone"] - 1e-9).all()


def test_choosing_among_noise_gains_nothing_on_other_seeds(make_repository):
    known = make_repository(noise=1.0, seed=1)
    mean, se = findings.over_sources(findings.tuned(known, "accuracy"), "all")
    assert abs(mean - 0.1) < 3 * se


def test_rates_are_compared_where_there_are_two(make_repository):
    known = make_repository(noise=1e-6)
    assert findings.rates(known, "accuracy").empty
    task = known.tasks["id"][0]
    second = known.results[known.results["task"] == task].assign(lr=3e-3)
    second.loc[second["loss"] == "softmax", "value"] += 0.04
    both = Repository(known.tasks, pd.concat([known.results, second], ignore_index=True))
    table = findings.rates(both, "accuracy").set_index("rate")
    assert set(table["task"]) == {task}
    lower, higher = table.loc["lower"], table.loc["higher"]
    assert higher["softmax"] - lower["softmax"] == pytest.approx(0.04, abs=1e-5)
    assert lower["all"] - higher["all"] == pytest.approx(0.04, abs=1e-5)
    assert higher["reached"] == pytest.approx(lower["reached"], abs=1e-5)


def test_variance_is_shared_out_as_it_was_made(make_repository):
    quiet = findings.variance_shares(make_repository(noise=1e-6), "accuracy")
    assert (quiet["seed"] < 1e-6).all()
    assert (quiet["scale"] + quiet["margins"]).to_numpy() == pytest.approx(1)
    few = quiet[quiet["num_classes"] == 5]
    assert (few["scale"] > 0.3).all()
    loud = findings.variance_shares(make_repository(noise=1.0), "accuracy")
    assert loud["seed"].mean() > 0.9
    assert findings.task_share(make_repository(noise=1e-6), "accuracy") < 1


def test_defaults_stand_where_the_response_puts_them(make_repository):
    table = findings.defaults(make_repository(noise=1e-4), "accuracy").set_index("name")
    assert len(table) == 8
    arcface = table.loc["ArcFace (0.5, 64)"]
    expected = np.mean(
        [0.1 - 0.02 * math.log(64 / 4) ** 2 + 0.05, 0.1 - 0.02 * math.log(64 / 16) ** 2 - 0.05]
    )
    assert arcface["gain"] == pytest.approx(expected, abs=1e-3)
    assert arcface["tasks"] == arcface["better"] + arcface["worse"] == 12
    assert (table["regret"] > 0).all()


def test_a_term_is_compared_with_its_loss_alone_seed_by_seed():
    draw = np.random.default_rng(0)
    rows = []
    for seed in range(4):
        luck = draw.standard_normal()
        for loss, margins in (("softmax", {}), ("combined", {"m2": 0.2, "scale": 16.0})):
            setting = Setting(loss, **margins)
            numbers = [getattr(setting, name) for name in ("m1", "m2", "m3", "scale", "lr")]
            named = "arcface" if loss == "combined" else loss
            rows.append(("t", loss, *numbers, 0.0, "", 0.0, seed, 0.5 + luck))
            for weight, gain in ((0.01, 0.02), (1.0, -0.3)):
                value = 0.5 + luck + gain
                rows.append(("t", named, *numbers, 0.0, "center", weight, seed, value))
    table = pd.DataFrame(rows, columns=[*KEY, "accuracy"])
    gained = findings.term_gains(table, ["accuracy"]).set_index(["loss", "lambda"])["gain"]
    for loss in ("softmax", "arcface"):
        assert gained[loss, "0.01"] == pytest.approx(0.02)
        assert gained[loss, "1"] == pytest.approx(-0.3)
        assert gained[loss, "chosen"] == pytest.approx(0.02)
