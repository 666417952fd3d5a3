"""What is searched: a task of each source, by its own measurements, its source left out."""

import numpy as np
import pandas as pd
import pytest

from sweeper.errors import SweeperError
from sweeper.repository.sources import shipped
from tools.replay import compared, pools
from tools.replay.grounds import Law
from tools.replay.known import MARGINS


def test_a_task_of_each_source_is_searched_without_its_source(knowledge):
    numbers = compared.one_of_each_source(knowledge)
    sources = knowledge.responses.source[numbers]
    assert len(set(sources)) == len(sources) > 15
    known = compared._held_out(knowledge, numbers[0])
    own = set(known.held.task["source"])
    assert own.isdisjoint(known.knowledge.known["source"])
    assert len(known.elsewhere) == known.gains_elsewhere.shape[1] > 60
    assert len(known.gains_elsewhere) == len(known.knowledge.known)


def test_the_law_of_a_task_follows_its_measurements(knowledge, known):
    law = Law(knowledge, compared.one_of_each_source(knowledge)[0], known.rate, 0.0)
    rows = known.held.settings[MARGINS].to_dict("records")
    assert np.corrcoef(law.gains(rows), known.held.gain[:-1])[0, 1] > 0.85
    assert law.seen(rows[0], np.random.default_rng(0)) == [law.true(rows[0])] * 4


def test_of_stored_settings_half_of_the_seeds_is_told(known):
    task = str(known.held.task["id"].iloc[0])
    table = pools.stored(shipped(), "accuracy", task, known.rate)
    pool = pools.by_other_seeds(table, "accuracy")
    assert pool.size == len(known.held.settings)
    assert pool.told.shape == (pool.size, 2)
    own = known.held.settings.assign(gain=known.held.gain[:-1])
    merged = pool.settings.assign(both=(pool.told.mean(1) + pool.worth) / 2).merge(own)
    assert len(merged) == pool.size
    assert (merged["both"] - merged["gain"]).std() < 1e-9
    assert pool.best == pool.worth[pool.told.mean(1).argmax()]


def test_the_worth_of_a_pool_is_nearer_to_the_truth_than_its_means():
    rng = np.random.default_rng(0)
    rows = rng.uniform([0.9, -0.2, -0.2, 1.0], [1.4, 0.8, 0.5, 4.5], (200, 4))
    true = 0.9 - 0.2 * (rows[:, 1] - 0.3) ** 2 - 0.02 * (rows[:, 3] - 3.0) ** 2
    seeds = true[:, None] + rng.normal(0, 0.01, (200, 2))
    rows[:, 3] = np.exp(rows[:, 3])
    settings = pd.DataFrame(rows, columns=MARGINS)
    table = pd.concat([settings.assign(seed=k, accuracy=seeds[:, k]) for k in range(2)])
    pool = pools.by_neighbors(table, "accuracy")
    order = settings.merge(pool.settings.assign(worth=pool.worth), on=MARGINS, how="left")
    error = np.abs(order["worth"].to_numpy() - true).mean()
    assert error < 0.5 * np.abs(seeds.mean(1) - true).mean()
    assert pool.told.shape == (200, 2)


def test_a_pool_is_asked_about_as_its_task_or_the_one_most_like_it(knowledge):
    ids = [
        "glyphs, lenet, 11 epochs, classes held out #06f036",
        "glyphs, lenet, 97 epochs, classes held out #071e05",
        "glyphs, lenet, 8 epochs #aaaaaa",
        "glyphs[a, b], lenet, 9 epochs, classes held out #bbbbbb",
    ]
    assert [compared.same_or_like(ids, each) for each in ids] == [0, 1, 2, 3]
    assert compared.same_or_like(ids, "glyphs, lenet, 9 epochs, classes held out #123456") == 0
    with pytest.raises(SweeperError, match="no task like that of the pool"):
        compared.same_or_like(ids, "icons, lenet, 9 epochs, classes held out #123456")
    every = list(knowledge.tasks["id"])
    for table in pools.measured():
        if "accuracy" in table:
            compared.same_or_like(every, str(table["task"].iloc[0]))
