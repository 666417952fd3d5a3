"""What is searched: a task of each source, by its own measurements, its source left out."""

import numpy as np

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


def test_stored_settings_are_two_pools_whose_halves_are_those_of_the_task(known):
    task = str(known.held.task["id"].iloc[0])
    table = pools.stored(shipped(), "accuracy", task, known.rate)
    first, second = pools.halves_of(table, "accuracy")
    assert first.size == second.size == len(known.held.settings)
    assert (first.told == second.kept).all()
    own = known.held.settings.assign(gain=known.held.gain[:-1])
    merged = first.settings.assign(told=(first.told.mean(1) + first.kept.mean(1)) / 2).merge(own)
    assert len(merged) == first.size
    assert (merged["told"] - merged["gain"]).std() < 1e-9
