import numpy as np
import pytest
from scipy.stats import ttest_rel

from sweeper.registry.setting import Setting
from sweeper.report import outlook
from sweeper.report.study_results import StudyResults
from sweeper.store import Outlook, record_outlook


@pytest.fixture
def filled(make_study, put):
    """Store a study whose trials have values by seed, ``[trials, seeds]``."""

    def fill(values, **content):
        opened = make_study(seeds=len(values[0]), **content)
        objective = opened.spec.objectives[0]
        for number, row in enumerate(values):
            setting = Setting("arcface", m2=0.01 * number, scale=16.0)
            put(opened, number, values={objective: tuple(row)}, setting=setting)
        return opened

    return fill


def results(opened):
    return StudyResults.load(opened.database, opened.stored)


def test_as_good_is_what_a_paired_test_cannot_tell_apart(filled):
    rng = np.random.default_rng(0)
    mean = np.array([0.9, 0.8998, 0.8995, 0.88, 0.87, 0.7])
    values = mean[:, None] + rng.normal(0, 0.05, 8) + rng.normal(0, 0.004, (6, 8))
    found = {row.record.number for row in outlook.as_good(results(filled(values.tolist())))}
    best = int(values.mean(1).argmax())
    told = {
        number
        for number in range(6)
        if number == best
        or ttest_rel(values[best], values[number], alternative="greater").pvalue > 0.05
    }
    assert found == told
    assert 1 < len(found) < 6


@pytest.mark.parametrize("values", [[[0.9]] * 5, [[0.9, 0.8]] * 2], ids=["one seed", "two trials"])
def test_where_the_noise_is_not_known_nothing_is_as_good(filled, values):
    opened = filled(values)
    assert outlook.as_good(results(opened)) == []
    assert outlook.lines(results(opened)) == []


def test_lines_name_the_trials_and_what_more_would_gain(filled):
    rng = np.random.default_rng(1)
    opened = filled((0.9 + rng.normal(0, 0.01, (9, 4))).tolist())
    record_outlook(opened.database, opened.stored, Outlook(9, 0.012, 0.004))
    first, second = outlook.lines(results(opened))
    assert first.startswith("as good as trial ")
    alike = len(outlook.as_good(results(opened)))
    assert alike > 6
    assert first.endswith(f"and {alike - 6} other{'s' * (alike > 7)}")
    gained = "after 9 trials, more would gain about 1.2 points"
    assert second == f"{gained}; the standard error of a confirmation is 0.4 points"
    record_outlook(opened.database, opened.stored, Outlook(12, 0.001, 0.004))
    assert outlook.lines(results(opened))[1].startswith("settled after 12 trials, more would gain")
    content = outlook.to_dict(results(opened))
    assert content["outlook"] == {"trials": 12, "gain": 0.001, "noise": 0.004, "settled": True}
    assert len(content["as_good"]) == alike


def test_a_study_deleted_from_the_dashboard_has_no_outlook(filled):
    opened = filled([[0.9, 0.8]] * 3)
    record_outlook(opened.database, opened.stored, Outlook(9, 0.012, 0.004))
    opened.database.optuna_storage.delete_study(opened.stored.optuna_study_id)
    assert results(opened).outlook is None
