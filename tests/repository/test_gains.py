import math
import statistics

import numpy as np
import pandas as pd
import pytest

from sweeper.repository.gains import PRIOR_DEGREES, gains, setting_means
from sweeper.repository.objectives import score, shown
from sweeper.repository.records import Repository


@pytest.fixture(scope="module")
def repository(world):
    return world().repository(sources=2, settings=6, seeds=4)


def values(repository, task, loss, scale=None):
    rows = repository.results[repository.results["task"] == task]
    rows = rows[(rows["loss"] == loss) & ((rows["scale"] == scale) if scale else True)]
    return rows.sort_values("seed")["value"].tolist()


def test_means_errors_and_halves_are_those_of_a_plain_loop(repository):
    means = setting_means(repository, "accuracy")
    assert len(means) == 2 * 7
    for task, rows in means.groupby("task"):
        own = [values(repository, task, row.loss, row.scale) for row in rows.itertuples()]
        variances = [statistics.variance(each) for each in own]
        # The median of a χ² of three degrees is 2.366; the variances' own median is drawn to that.
        typical = statistics.median(variances) / (2.36597 / 3)
        for row, each, variance in zip(rows.itertuples(), own, variances, strict=True):
            assert row.score == pytest.approx(statistics.mean(each))
            moderated = (PRIOR_DEGREES * typical + 3 * variance) / (PRIOR_DEGREES + 3)
            assert row.se == pytest.approx(math.sqrt(moderated / 4), rel=1e-4)
            assert row.half_a == pytest.approx((each[0] + each[2]) / 2)
            assert row.half_b == pytest.approx((each[1] + each[3]) / 2)
            assert row.seeds == 4


def test_a_gain_is_over_the_plain_softmax_of_the_same_task(repository):
    table = gains(repository, "accuracy")
    for row in table.itertuples():
        control = statistics.mean(values(repository, row.task, "softmax"))
        assert row.gain == pytest.approx(row.score - control, abs=1e-12)
    plain = table[table["loss"] == "softmax"]
    assert (plain["gain"] == 0).all()
    assert (plain["gain_se"] == 0).all()
    rest = table[table["loss"] != "softmax"]
    assert (rest["gain_se"] > rest["se"]).all()


def test_the_control_has_the_same_rate_or_is_the_mean_of_all(repository, result_row):
    def at(loss, lr, value):
        return {**result_row("t0-0", loss, 0.3, 16.0, 0, value), "lr": lr}

    plain = [
        {**at("softmax", lr, value), "m2": 0.0, "scale": 64.0}
        for lr, value in ((1e-3, 0.5), (1e-2, 0.7))
    ]
    margins = [at("arcface", 1e-3, 0.6), at("arcface", 1e-2, 0.6), at("arcface", 0.1, 0.6)]
    table = gains(Repository(repository.tasks, pd.DataFrame(plain + margins)), "accuracy")
    found = table[table["loss"] == "arcface"].set_index("lr")["gain"]
    assert found[1e-3] == pytest.approx(0.1)
    assert found[1e-2] == pytest.approx(-0.1)
    assert found[0.1] == pytest.approx(0.0)


def test_what_a_fold_adds_to_all_settings_is_no_noise(world, result_row):
    """Folds differ by tenths, settings by a hundredth within a fold; known in advance."""
    rng = np.random.default_rng(5)
    fold, noise = np.array([0.1, -0.2, 0.05, 0.15]), 0.01
    task, _ = world().task("t", "s", np.zeros(4))
    margins = np.linspace(0, 0.7, 40)
    rows = [result_row("t", "arcface", m, 16.0, s, 0.5 + 0.1 * m + fold[s] + noise * rng.normal())
            for m in margins for s in range(4)]  # fmt: skip
    rows += [result_row("t", "softmax", 0.0, 64.0, s, 0.5 + fold[s % 4] + noise * rng.normal())
             for s in range(8)]  # fmt: skip
    found = {}
    for split in ("folds", "classes"):
        described = pd.DataFrame([task | {"split": split}])
        found[split] = gains(Repository(described, pd.DataFrame(rows)), "accuracy")
    paired, unpaired = found["folds"], found["classes"]
    assert paired["gain"].equals(unpaired["gain"])
    assert paired["half_a"].equals(unpaired["half_a"])
    margin = paired["loss"] == "arcface"
    assert np.sqrt((paired.loc[margin, "se"] ** 2).mean()) == pytest.approx(noise / 2, rel=0.15)
    assert unpaired.loc[margin, "se"].min() > 10 * noise / 2


def test_one_seed_takes_the_noise_of_the_others(repository):
    rows = repository.results
    single = rows[(rows["seed"] == 0) | (rows["task"] == "t1-0")]
    means = setting_means(Repository(repository.tasks, single), "accuracy")
    one = means[means["task"] == "t0-0"]
    assert (one["se"] > 0).all()
    assert one["half_a"].isna().all()


def test_tasks_without_plain_softmax_have_no_gains(repository):
    rows = repository.results
    lacking = rows[(rows["task"] != "t0-0") | (rows["loss"] != "softmax")]
    table = gains(Repository(repository.tasks, lacking), "accuracy")
    assert set(table["task"]) == {"t1-0"}
    assert gains(Repository.empty(), "accuracy").empty


def test_less_compactness_is_more():
    values = np.array([0.5, 1.0, 0.0])
    scores = score("compactness", values)
    assert scores[0] > scores[1]
    assert np.isfinite(scores).all()
    assert shown("compactness", float(scores[0] - scores[1])) == "+50 %"
    assert shown("accuracy", 0.0123) == "+1.2 points"
    assert shown("retrieval", -0.01, 0.02) == "-1.0 to +2.0 points"
