import json
import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.knowledge import learned
from sweeper.repository.task_weights import OwnTasks
from tests.support.plans import PLAN


def ask(repository, features, loss="arcface", plan=PLAN, **given):
    named = {f"f{i}": float(value) for i, value in enumerate(features)}
    return recommend(repository, named, plan, loss=loss, **given)


@pytest.fixture(scope="module")
def law(world):
    return world(curve=0.4, moves=1.2)


@pytest.fixture(scope="module")
def moving(law):
    return law.repository(sources=30)


@pytest.fixture(scope="module")
def choice(moving):
    return evaluate(moving, "accuracy").choice


@pytest.mark.parametrize(
    "features", [(0, 0, 0, 0), (0.8, 0, 0, 0), (-0.8, 0.5, 0, 0), (0.5, -0.8, 0.3, 0)]
)
def test_the_known_best_is_found(law, moving, choice, features):
    answer = ask(moving, features, choice=choice)
    m2, log_scale = law.best(np.array(features))
    assert answer.known
    assert answer.setting.m2 == pytest.approx(m2, abs=0.1)
    assert np.log(answer.setting.scale) == pytest.approx(log_scale, abs=0.45)
    true = law.gain(np.array(features), answer.setting.m2, answer.setting.scale)
    assert true > law.height - 0.008
    assert answer.gain.low < true < answer.gain.high
    low, high = answer.as_good["m2"]
    assert low <= answer.setting.m2 <= high
    assert high - low < 0.4


def test_what_is_as_good_contains_the_best_and_leaves_out_the_bad(law, moving, choice):
    answer = ask(moving, np.zeros(4), choice=choice)
    m2, _ = law.best(np.zeros(4))
    low, high = answer.as_good["m2"]
    assert low <= m2 <= high
    for end in (low - 0.2, high + 0.2):
        # Two tenths of a radian further it costs 40 · 0.2² = 1.6 points.
        assert law.gain(np.zeros(4), end, answer.setting.scale) < answer.gain.mean - 0.01


def test_profiles_agree_with_the_gain_and_with_what_is_as_good(moving, choice):
    answer = ask(moving, np.zeros(4), choice=choice)
    assert tuple(answer.profiles) == ("m2", "scale")
    measured = moving.results[moving.results["loss"] == "arcface"]
    noise = 1.645 * np.sqrt(2) * 0.004 / 2  # of two means over four seeds, about
    for name, profile in answer.profiles.items():
        values, mean = np.array(profile.values), np.array(profile.mean)
        assert (np.diff(values) > 0).all()
        assert measured[name].min() <= values[0] < values[-1] <= measured[name].max()
        at = profile.values.index(getattr(answer.setting, name))
        here = (profile.mean[at], profile.low[at], profile.high[at])
        assert here == pytest.approx((answer.gain.mean, answer.gain.low, answer.gain.high))
        assert all(
            low < m < high for low, m, high in zip(profile.low, mean, profile.high, strict=True)
        )
        low, high = answer.as_good[name]
        good = (values >= low) & (values <= high)
        least = mean[good].min()
        assert least == pytest.approx(answer.gain.mean - noise, abs=0.003)
        assert mean[~good].max() < least
    assert "profiles" not in json.loads(answer.to_json())


@pytest.mark.parametrize("features", [(30, 0, 0, 0), (0, 0, 0, 0)])
def test_plain_softmax_has_no_profile(moving, choice, features):
    assert ask(moving, features, loss="softmax", choice=choice).profiles == {}


def test_intervals_cover_as_they_claim(world):
    """Over many repositories and new tasks, which differ from what is known at random."""
    covered, widths = [], []
    for seed in range(4):
        law = world(seed, curve=0.3, task_sd=0.01, setting_sd=0.005)
        repository = law.repository(sources=10, settings=12)
        choice = evaluate(repository, "accuracy").choice
        for _ in range(8):
            features = law.rng.normal(size=4)
            answer = ask(repository, features, choice=choice)
            if answer.known and answer.setting.loss != "softmax":
                true = law.gain(features, answer.setting.m2, answer.setting.scale)
                true += law.rng.normal(0, np.hypot(0.01, 0.005))
                covered.append(answer.gain.low <= true <= answer.gain.high)
                widths.append(answer.gain.high - answer.gain.low)
    # The tasks of one repository share its interval: about 4 draws count, not 32.
    assert len(covered) > 20
    assert np.mean(covered) >= 0.8
    assert np.median(widths) < 4 * 2 * QUANTILE_OF_TRUTH


#: Half of a 90 % interval that knew the law.
QUANTILE_OF_TRUTH = 1.645 * np.hypot(0.01, 0.005)


def test_settings_that_collapse_do_not_hide_the_best(law, moving, choice):
    """Every second task falls to chance past m2 = 0.55, by 70 points where others differ by 3."""
    results = moving.results.copy()
    odd = results["task"].isin(moving.tasks["id"][::2])
    results.loc[odd & (results["m2"] > 0.55), "value"] = 0.1
    answer = ask(Repository(moving.tasks, results), np.zeros(4), choice=choice)
    m2, _ = law.best(np.zeros(4))
    assert answer.setting.m2 == pytest.approx(m2, abs=0.12)
    assert answer.gain.mean == pytest.approx(law.height, abs=0.015)


def test_nothing_listed_is_predicted_better(moving, choice):
    """For known and for unknown tasks, whatever the loss; and the regrets of a shortlist fall."""
    rng = np.random.default_rng(0)
    for features in (*rng.normal(size=(6, 4)), (30, 0, 0, 0)):
        for loss in ("arcface", "combined", "normalized-softmax"):
            answer = ask(moving, features, loss, choice=choice)
            predicted = [b.predicted for b in answer.baselines if b.predicted is not None]
            assert 0.0 in predicted
            assert answer.gain.mean >= max(predicted) - 1e-12
            assert answer.shortlist[0].setting == answer.setting
            regrets = [each.regret for each in answer.shortlist]
            assert regrets == sorted(regrets, reverse=True)
            assert 3 <= len(regrets) <= 5
            assert len({each.setting for each in answer.shortlist}) == len(regrets)


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_differs_little_is_promised(world, seed):
    noise = world(seed, height=0.0, curve=0.0).repository(sources=8, settings=20)
    answer = ask(noise, np.zeros(4), choice=evaluate(noise, "accuracy").choice)
    assert answer.gain.mean < 0.004
    assert answer.gain.low <= 0.001
    assert all(each.regret < 0.004 for each in answer.shortlist)


def test_margins_that_only_hurt_lead_to_plain_softmax(world):
    harmful = world(height=-0.02, curve=0.1).repository(sources=8, settings=20)
    answer = ask(harmful, np.zeros(4), choice=evaluate(harmful, "accuracy").choice)
    assert answer.known
    assert answer.setting.loss == "softmax"
    assert (answer.gain.mean, answer.gain.low, answer.gain.high) == (0, 0, 0)
    assert answer.as_good == {}
    assert "plain softmax is itself the best" in answer.notes[0]
    named = r"; most is expected of arcface .* with lr .*, (-\d+\.\d) points$"
    said = re.search(named, answer.notes[0])
    best = next(each for each in answer.losses if each.setting.loss == "arcface")
    assert float(said[1]) == pytest.approx(100 * best.gain.mean, abs=0.06)
    assert float(said[1]) < 0
    assert json.loads(answer.to_json())["recommended"]["scale"] is None


@pytest.mark.parametrize(
    ("features", "plan", "reason"),
    [
        ((30, 0, 0, 0), PLAN, "too far from anything known"),
        ((0, 0, 0, 0), replace(PLAN, epochs=5000), "trained unlike anything known"),
        ((0, 0, 0, 0), replace(PLAN, start="tuned"), "no net with the start tuned"),
    ],
)
def test_what_is_unlike_anything_known_gets_what_is_safest(
    law, moving, choice, features, plan, reason
):
    """The constant with the smallest regret over all tasks, by a plain loop over the settings."""
    answer = ask(moving, features, plan=plan, choice=choice, dataset="./my images")
    assert not answer.known
    assert answer.notes[0].startswith(reason)
    assert "no prediction" in answer.notes[1]
    assert "mean gain over known tasks" in str(answer)
    assert "predicted gain" not in str(answer)
    assert answer.sweep.startswith("sweeper run './my images' --objective accuracy --loss arcface")
    assert answer.sweep in str(answer)
    places = moving.tasks[[f"f{i}" for i in range(4)]].to_numpy()

    def mean(m2, scale):
        return np.mean([law.gain(place, m2, scale) for place in places])

    best = max(mean(m2, scale) for m2, scale in zip(*law.design(), strict=True))
    assert (
        answer.setting.loss == "softmax"
        or mean(answer.setting.m2, answer.setting.scale) > best - 0.003
    )
    assert max(b.predicted for b in answer.baselines if b.predicted is not None) <= max(
        answer.gain.mean, 0
    )
    assert len(answer.nearest) == 3
    assert json.loads(answer.to_json())["known"] is False


def test_of_a_start_with_enough_sources_only_its_tasks_count(world):
    """Frozen features want another margin than training from scratch does."""
    law = world(curve=0.4, moves=0.0)
    scratch = law.repository(sources=12)
    law.moves = 3.0
    rows = [law.task(f"frozen{i}", f"z{i}", [1.0, 0, 0, 0]) for i in range(4)]
    tasks = [{**task, "start": "frozen", "samples": 10_000} for task, _ in rows]
    frozen = Repository(
        pd.DataFrame(tasks).assign(split="images"),
        pd.DataFrame([each for _, results in rows for each in results]),
    )
    both = scratch.joined(frozen)
    plan = replace(PLAN, start="frozen", net="linear", epochs=5000)
    answer = ask(both, np.zeros(4), plan=plan, choice=evaluate(both, "accuracy").choice)
    assert not answer.known
    assert answer.setting.m2 == pytest.approx(0.66, abs=0.1)
    assert "smallest regret over the 4 known tasks with the start frozen" in answer.notes[1]


def test_the_answer_turns_with_the_samples_seen(world):
    """Long trainings want m2 = 0.66, short ones 0.18; each end gets its own, and between both."""
    law = world(curve=0.4)
    tasks, results = [], []
    for number in range(24):
        law.moves = 3.0 if number % 2 else -1.0
        task, rows = law.task(f"t{number:02}", f"s{number}", [1.0, 0, 0, 0])
        tasks.append({**task, "epochs": 270 if number % 2 else 10})
        results += rows
    repository = Repository(pd.DataFrame(tasks), pd.DataFrame(results))
    choice = evaluate(repository, "accuracy").choice
    found = {}
    for epochs in (10, 50, 270):
        answer = ask(repository, (1, 0, 0, 0), plan=replace(PLAN, epochs=epochs), choice=choice)
        found[epochs] = answer.setting.m2
    assert found[10] == pytest.approx(0.18, abs=0.12)
    assert found[270] == pytest.approx(0.66, abs=0.12)
    assert found[10] <= found[50] <= found[270]


@pytest.mark.parametrize("sources", [0, 1, 2])
def test_too_few_sources_are_an_honest_refusal(world, sources):
    few = world().repository(sources=sources, settings=6) if sources else Repository.empty()
    answer = ask(few, np.zeros(4))
    assert not answer.known
    assert f"{sources} of the 3 sources" in answer.notes[0]
    if not sources:
        assert answer.setting.loss == "softmax"
    json.loads(answer.to_json())


def test_a_stored_choice_without_data_is_a_refusal(choice):
    assert not ask(Repository.empty(), np.zeros(4), choice=choice).known


def test_the_nearest_tasks_come_with_their_own_best(law, moving, choice):
    place = moving.tasks.set_index("id").loc["t5-0", ["f0", "f1", "f2", "f3"]].to_numpy(float)
    answer = ask(moving, place, choice=choice)
    assert answer.nearest[0].task == "t5-0"
    assert answer.nearest[0].distance == pytest.approx(0, abs=1e-12)
    distances = [n.distance for n in answer.nearest]
    assert distances == sorted(distances)
    best = answer.nearest[0].best
    assert law.gain(place, best.m2, best.scale) > law.height - 0.02


def test_every_baseline_stands_beside_it(moving, choice):
    answer = ask(moving, np.zeros(4), choice=choice)
    named = {b.name: b for b in answer.baselines}
    assert {"plain softmax", "ArcFace (0.5, 64)", "best constant", "nearest task"} < set(named)
    assert named["plain softmax"].predicted == 0
    assert named["ArcFace (0.5, 64)"].predicted < answer.gain.mean
    assert "combined (1, 0.3, 0.2)" not in named  # which is no setting of ArcFace
    every = ask(moving, np.zeros(4), loss="combined", choice=choice).baselines
    assert next(b for b in every if b.name == "combined (1, 0.3, 0.2)").predicted is None
    assert all(b.setting.lr == 1e-3 for b in answer.baselines)


@pytest.mark.parametrize("loss", ["combined", "normalized-softmax", "cosface", "softmax"])
def test_another_loss_is_held_to_what_was_measured(moving, choice, loss):
    answer = ask(moving, np.zeros(4), loss=loss, choice=choice)
    assert answer.setting.loss in (loss, "softmax")
    assert answer.setting.m3 == 0
    if loss == "combined":
        arcface = ask(moving, np.zeros(4), choice=choice)
        assert answer.setting.m2 == arcface.setting.m2
        assert answer.setting.scale == arcface.setting.scale


def test_the_order_of_rows_makes_no_difference(moving, choice):
    shuffled = Repository(
        moving.tasks.sample(frac=1, random_state=1), moving.results.sample(frac=1, random_state=1)
    )
    first = ask(moving, np.ones(4) / 3, choice=choice).to_json()
    learned.cache_clear()
    assert ask(shuffled, np.ones(4) / 3, choice=choice).to_json() == first


def test_what_was_never_trained_is_said(moving, choice):
    plan = replace(PLAN, net="mine", epochs=90, lr=0.5, given=("lr",))
    answer = ask(moving, np.zeros(4), choice=choice, plan=plan)
    text = str(answer)
    assert "net 'mine' is new" in text
    assert (
        "beyond what was measured: 90,000 samples seen (known tasks have 10,000), lr 0.5 (known "
        "tasks have 0.001)"
    ) in text
    assert answer.setting.lr == 0.5


def test_a_feature_in_which_all_known_tasks_are_alike_is_said(moving, choice):
    alike = Repository(moving.tasks.assign(f3=0.25), moving.results)
    assert "differs in f3" in str(ask(alike, np.zeros(4), choice=choice))
    assert "differs in" not in str(ask(alike, (0, 0, 0, 0.25), choice=choice))


def test_without_a_feature_in_common_nothing_is_known(moving, choice):
    unmeasured = moving.tasks.drop(columns=["f0", "f1", "f2", "f3"])
    answer = ask(Repository(unmeasured, moving.results), np.zeros(4), choice=choice)
    assert not answer.known
    assert "no meta-feature" in answer.notes[0]


def test_tasks_without_a_control_do_not_disturb(moving, choice):
    results = moving.results
    lacking = results[(results["task"] != "t3-0") | (results["loss"] != "softmax")]
    answer = ask(Repository(moving.tasks, lacking), np.zeros(4), choice=choice)
    assert answer.known
    assert "t3-0" not in [n.task for n in answer.nearest]


def test_bad_questions_are_one_line(moving, choice):
    for given, error, message in (
        ({"objective": "speed"}, UsageError, "unknown objective"),
        ({"loss": "tripled"}, UsageError, "unknown loss"),
        ({"choice": choice, "objective": "retrieval"}, SweeperError, "the choice is for accuracy"),
    ):
        with pytest.raises(error, match=message):
            ask(moving, np.zeros(4), **given)
    for features in ((0, 0, 0), (0, 0, 0, np.nan)):
        with pytest.raises(SweeperError, match="no meta-feature 'f3'"):
            ask(moving, features, choice=choice)


def test_fifty_tasks_are_answered_in_seconds(world):
    large = world(curve=0.3).repository(sources=25, per_source=2, settings=64)
    stored = evaluate(world().repository(sources=3, settings=6), "accuracy").choice
    assert len(large.results) == 50 * 65 * 4
    began = time.perf_counter()
    answer = ask(large, np.zeros(4), choice=stored)
    assert time.perf_counter() - began < 3
    assert isinstance(answer.setting, Setting)
    assert len(pd.unique(large.tasks["source"])) == 25


def test_what_was_measured_on_the_very_data_counts_most(law, moving, choice):
    """A task whose best margin is like nobody's: asked again about it, it decides."""
    task, rows = law.task("mine", "mine", [3.0, 0, 0, 0], seeds=8)
    own = Repository(pd.DataFrame([task | {f"f{i}": 0.0 for i in range(4)}]), pd.DataFrame(rows))
    known = moving.joined(own)
    m2, _ = law.best([3.0, 0, 0, 0])
    told = OwnTasks(own=frozenset(["mine"]), same=frozenset(["mine"]))
    answer = ask(known, np.zeros(4), choice=choice, own=told)
    assert answer.known
    assert answer.nearest[0].task == "mine"
    assert answer.setting.m2 == pytest.approx(m2, abs=0.12)
    assert any("on this very data set (1 task)" in note for note in answer.notes)
    without = ask(known, np.zeros(4), choice=choice)
    assert without.setting.m2 < answer.setting.m2 - 0.1
    assert without.gain.high - without.gain.low > answer.gain.high - answer.gain.low
