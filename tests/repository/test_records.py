import pandas as pd
import pytest

from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.repository.records import Repository


@pytest.fixture(scope="module")
def repository(world):
    return world().repository(sources=2, settings=5, seeds=2)


def test_the_order_of_rows_and_columns_makes_no_difference(repository):
    shuffled = Repository(
        repository.tasks.sample(frac=1, random_state=1)[repository.tasks.columns[::-1]],
        repository.results.sample(frac=1, random_state=2)[repository.results.columns[::-1]],
    )
    assert shuffled.digest == repository.digest
    assert shuffled == repository
    assert hash(shuffled) == hash(repository)
    pd.testing.assert_frame_equal(shuffled.results, repository.results)


def test_every_value_is_in_the_digest(repository):
    for table in ("tasks", "results"):
        for column in getattr(repository, table):
            changed = {name: getattr(repository, name).copy() for name in ("tasks", "results")}
            value = changed[table].loc[0, column]
            other = value + "x" if isinstance(value, str) else value + 1
            changed[table].loc[0, column] = other
            assert Repository(**changed).digest != repository.digest, column


def test_joining_keeps_what_both_have_once(repository, world):
    other = world(seed=5).repository(sources=3, settings=5, seeds=2)
    joined = repository.joined(other)
    assert len(joined.tasks) == 3
    kept = joined.results[joined.results["task"].isin(repository.tasks["id"])]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), repository.results)
    assert len(joined.results) == len(other.results)
    assert repository.joined(repository) == repository
    assert Repository.empty().joined(repository) == repository
    assert repository.joined(Repository.empty()) == repository


def test_joining_adds_seeds_to_a_setting(repository, result_row):
    more = [result_row("t0-0", "softmax", 0.0, 64.0, 9, 0.5)]
    joined = repository.joined(Repository(repository.tasks, pd.DataFrame(more)))
    assert len(joined.results) == len(repository.results) + 1


def test_a_feature_that_only_some_tasks_have_is_none_of_the_repository(repository):
    other = Repository(repository.tasks.assign(id=["x", "y"], new=1.0), repository.results.iloc[:0])
    joined = repository.joined(other)
    assert other.features == ("f0", "f1", "f2", "f3", "new")
    assert joined.features == ("f0", "f1", "f2", "f3")


def test_settings_and_objectives(repository):
    settings = repository.settings("t0-0")
    assert len(settings) == 6
    assert Setting("softmax") in settings
    assert repository.settings("unknown") == []
    assert len(repository.objective("accuracy").tasks) == 2
    assert repository.objective("retrieval").tasks.empty
    with pytest.raises(UsageError, match="unknown objective"):
        repository.objective("speed")


def test_tasks_without_plain_softmax_are_reported(repository):
    results = repository.results
    lacking = results[(results["task"] != "t1-0") | (results["loss"] != "softmax")]
    assert Repository(repository.tasks, lacking).without_control("accuracy") == ["t1-0"]
    assert repository.without_control("accuracy") == []
    assert repository.without_control("retrieval") == []


def test_tables_of_the_wrong_form_are_refused(repository):
    with pytest.raises(SweeperError, match="results lack the column 'seed'"):
        Repository(repository.tasks, repository.results.drop(columns="seed"))
    with pytest.raises(SweeperError, match="column 'epochs'"):
        Repository(repository.tasks.assign(epochs="many"), repository.results)
