"""The outside proof: its regrets, its answers and its sources."""

from collections import Counter
from itertools import combinations
from statistics import fmean, stdev

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.repository.baselines import PLAIN_SOFTMAX, baselines
from sweeper.repository.sources import shipped
from sweeper.store import open_database
from sweeper.study.space.default_space import default_space
from tools.atlas.tasks import atlas_tasks
from tools.proof import answers, regrets, report, scores
from tools.proof.experiments import RATES, Measured, drawn, measured, softmaxes, train
from tools.proof.outcome import OURS, RANDOM_SEARCH, Outcome, over_tasks
from tools.proof.sources import glyphs
from tools.proof.sources.sets import MAKERS
from tools.proof.tasks import ProofTask, proof_tasks

TASKS = proof_tasks()
SCORES = np.random.default_rng(7).normal(0.5, 0.1, (6, 4))
TASK = ProofTask("dots", "somewhere", "made up", "linear", samples=300)
SHORTLIST = (Setting(m2=0.1, scale=8.0), Setting("softmax", lr=3e-3), Setting(m3=0.2, scale=16.0))


def answer(shortlist=SHORTLIST):
    plan = {"start": "frozen", "num_classes": 7, "per_class": 12.0, "epochs": 9}
    named = baselines(7, 64, lr=1e-3, weight_decay=0.0)
    content = {"plan": plan, "known": True}
    return answers.Answer("dots", "1234abcd", "0", "", 9, shortlist, named, content)


def outcome(seed, better=0.0, task=TASK):
    """An outcome of made-up scores, the recommended setting's moved by `better`."""
    given = answer()
    every = tuple(dict.fromkeys([*given.named().values(), *softmaxes(), *drawn(5)]))
    scores = np.random.default_rng(seed).uniform(0.4, 0.6, (len(every), 4))
    scores[every.index(SHORTLIST[0])] += better
    return Outcome(task, given, Measured(every, scores), drawn(5))


def best_by_hand(rows):
    """Pick on two seeds, score on the other two, for each two of the four."""
    values = []
    for pick in combinations(range(4), 2):
        rest = [seed for seed in range(4) if seed not in pick]
        first = max(rows, key=lambda row: row[pick[0]] + row[pick[1]])
        values.append(fmean(first[seed] for seed in rest))
    return fmean(values)


def test_halves_are_both_ways_and_share_no_seed():
    pairs = [(tuple(pick), tuple(rest)) for pick, rest in regrets.halves(4)]
    assert len(pairs) == 6
    assert {(rest, pick) for pick, rest in pairs} == set(pairs)
    assert all(sorted(pick + rest) == [0, 1, 2, 3] for pick, rest in pairs)


def test_the_best_is_picked_on_one_half_and_scored_on_the_other():
    assert regrets.best(SCORES) == pytest.approx(best_by_hand(SCORES.tolist()))
    assert regrets.best(SCORES) < SCORES.mean(axis=1).max()  # which is picked and scored on all
    assert regrets.best(SCORES[2:3]) == pytest.approx(SCORES[2].mean())


@pytest.mark.parametrize("tries", [1, 2, 3, 6])
def test_random_search_is_the_mean_over_all_choices(tries):
    choices = [list(own) for own in combinations(range(len(SCORES)), tries)]
    by_hand = fmean(best_by_hand(SCORES[own].tolist()) for own in choices)
    assert regrets.best_of_random(SCORES, tries) == pytest.approx(by_hand)


def test_every_method_is_compared_with_the_same_best():
    one = outcome(1)
    top, found = best_by_hand(one.measured.scores.tolist()), one.regrets()

    def after(settings):
        return top - best_by_hand([one.scores(setting).tolist() for setting in settings])

    assert found[OURS].one == pytest.approx(after(SHORTLIST[:1]))
    assert found[OURS].three == pytest.approx(after(SHORTLIST))
    assert found[PLAIN_SOFTMAX].one == pytest.approx(after([Setting("softmax")]))
    assert found[PLAIN_SOFTMAX].three == pytest.approx(after(softmaxes()))
    assert found[report.ARCFACE].one == pytest.approx(after([Setting("arcface", m2=0.5)]))
    assert found[report.ARCFACE].three is None
    assert found[RANDOM_SEARCH].one == pytest.approx(fmean(after([each]) for each in drawn(5)))


def test_differences_are_paired_with_softmax_at_its_best_rate():
    one = outcome(2)
    plain = max((one.scores(each) for each in softmaxes()), key=np.mean)
    differences = (one.scores(SHORTLIST[0]) - plain).tolist()
    found, se = one.against_softmax(SHORTLIST[0]), stdev(differences) / 2
    assert found.mean == pytest.approx(fmean(differences))
    assert found.se == pytest.approx(se)
    assert found.high - found.mean == pytest.approx(se * t.ppf(0.975, 3))


def test_only_what_is_surely_below_counts_as_lost():
    assert outcome(3, better=-0.5).surely_below
    assert not outcome(3, better=-0.01).surely_below
    assert not outcome(3, better=0.5).surely_below


def test_means_are_over_tasks_that_all_have_the_method():
    three = [outcome(seed) for seed in (4, 5, 6)]
    found = over_tasks(three, 1)
    assert found[OURS].mean == pytest.approx(fmean(each.regrets()[OURS].one for each in three))
    assert set(over_tasks(three, 3)) == {OURS, PLAIN_SOFTMAX, RANDOM_SEARCH}


def test_the_report_has_every_score_and_names_lost_tasks(tmp_path):
    page = tmp_path / "proof.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    lost = ProofTask("spots", "elsewhere", "made up", "linear")
    outcomes = [outcome(8, better=0.2), outcome(9, better=-0.4, task=lost)]
    report.write(outcomes, tmp_path, page)
    text = page.read_text(encoding="utf-8")
    assert "plain softmax at its best rate: spots." in text
    assert "### dots" in text
    table = pd.read_csv(tmp_path / "results.csv")
    assert len(table) == sum(each.measured.scores.size for each in outcomes)
    arcface = table[(table["task"] == "dots") & (table["loss"] == "arcface")]
    own = outcomes[0].scores(Setting("arcface", m2=0.5))
    assert arcface.sort_values("seed")["retrieval"].tolist() == pytest.approx(own, rel=1e-5)


def test_scores_that_were_stored_are_read_back_without_a_database(tmp_path):
    outcomes = [outcome(8), outcome(9, task=ProofTask("spots", "elsewhere", "made up", "linear"))]
    scores.write(outcomes, tmp_path)
    for each in outcomes:
        others = [*softmaxes(), *drawn(5)]
        read = scores.read(tmp_path, each.task, each.answer, others)
        assert read.settings == each.measured.settings
        assert read.scores == pytest.approx(each.measured.scores, rel=1e-5)
    with pytest.raises(SweeperError, match="was not trained with"):
        scores.read(tmp_path, TASK, answer((Setting(m2=0.7, scale=8.0),)), softmaxes())
    with pytest.raises(SweeperError, match=r"results\.csv is missing"):
        scores.read(tmp_path / "elsewhere", TASK, answer(), softmaxes())


def test_random_settings_fill_the_space_at_each_rate_and_stay_the_same():
    settings, space = drawn(), default_space("combined")
    assert settings == drawn()
    assert settings[:4] == drawn(4)
    assert Counter(setting.lr for setting in settings) == dict.fromkeys(RATES, len(settings) // 3)
    for name, ends in space.items():
        values = [setting[name] for setting in settings]
        assert ends["low"] <= min(values) < max(values) <= ends["high"]
        assert len(set(values)) > len(settings) // 2


def test_the_tasks_are_of_nine_sources_and_three_kinds():
    assert len({task.source for task in TASKS}) == len(TASKS) >= 8
    nets = Counter(task.net for task in TASKS)
    assert nets["linear"] >= 3
    assert nets["mlp"] >= 1
    assert nets["lenet"] >= 3
    assert {task.dataset for task in TASKS} == set(MAKERS)


def test_no_source_is_in_the_repository_nor_in_the_atlas():
    known = shipped().tasks
    stems = {dataset.partition("[")[0].removesuffix(".npz") for dataset in known["dataset"]}
    atlas = {task.source for task in atlas_tasks()} | {
        task.dataset.partition("[")[0] for task in atlas_tasks()
    }
    for task in TASKS:
        assert task.source not in {*known["source"], *atlas}
        assert task.dataset not in {*stems, *atlas}


def test_no_character_is_one_of_the_glyphs():
    characters = {ord(c) for script in SCRIPTS.values() for c in script.characters}
    assert not characters & set(map(ord, glyphs.TAMIL))
    for _, first, last in glyphs.SCRIPTS.values():
        assert not characters & set(range(first, last + 1))
    assert not any(0x4E00 <= number <= 0x9FFF for number in characters)


@pytest.mark.long
def test_a_task_is_asked_trained_and_read_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    labels = np.repeat(np.arange(8), 8)
    centers = np.random.default_rng(0).normal(size=(8, 6))
    noise = np.random.default_rng(1).normal(size=(64, 6))
    (tmp_path / "proof").mkdir()
    np.savez(tmp_path / "proof" / "dots.npz", embeddings=(centers[labels] + noise), labels=labels)
    asked = answers.ask(TASK)
    assert asked.repository == shipped().digest
    assert asked.plan["batch_size"] == 128
    assert asked.plan["start"] == "frozen"
    assert asked.epochs == 300 // (asked.plan["num_classes"] * 8)
    answers.store(asked, tmp_path)
    path = answers.path_of("dots", tmp_path)
    assert answers.read(path) == asked
    assert str(tmp_path) not in path.read_text(encoding="utf-8")
    url, others = f"sqlite:///{tmp_path / 'proof.db'}", [*softmaxes(), *drawn(2)]
    assert train(TASK, asked, url, others) == 0
    with open_database(url) as database:
        found = measured(database, TASK, asked, others)
    assert set(found.settings) == {*asked.named().values(), *others}
    assert found.scores.shape == (len(found.settings), 4)
    assert (found.scores > 0).all()
