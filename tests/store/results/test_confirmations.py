"""Confirmations: stored whole, once, and read back as they were."""

import math

import pytest

from sweeper.registry.setting import Setting
from sweeper.store import (
    Confirmation,
    create_study,
    find_confirmation,
    record_confirmation,
    record_trial,
)

SEEDS = (2, 3, 2**33)


def measured(*values):
    return {"accuracy": dict(zip(SEEDS, values, strict=True)), "compactness": {2: 1 / 3}}


@pytest.fixture
def confirmed(database, study, numbered):
    """A study with two trials and a control, and what a confirmation of it may be."""
    for number in (3, 8):
        assert record_trial(database, study.id, numbered(number), "validation")
    control = numbered(None, control="softmax", setting=Setting("softmax"))
    assert record_trial(database, study.id, control, "validation")
    values = {
        3: {"validation": measured(0.1, 0.2, 1 / 7)},
        8: {"validation": measured(0.4, 0.5, 2 / 7), "test": measured(0.7, 0.8, 0.9)},
        "softmax": {"validation": measured(0.3, 0.2, 0.1), "test": measured(0.2, 0.2, 0.3)},
    }
    return Confirmation(8, 3, values)


def test_it_comes_back_as_it_was(database, study, confirmed):
    assert find_confirmation(database, study.id) is None
    assert record_confirmation(database, study.id, confirmed)
    assert find_confirmation(database, study.id) == confirmed


def test_not_a_number_comes_back(database, study, confirmed):
    confirmed.values[3]["validation"]["accuracy"][3] = math.nan
    assert record_confirmation(database, study.id, confirmed)
    stored = find_confirmation(database, study.id)
    assert math.isnan(stored.values[3]["validation"]["accuracy"][3])
    assert stored.values[3]["validation"]["accuracy"][2] == 0.1


def test_the_second_changes_nothing(database, study, confirmed):
    assert record_confirmation(database, study.id, confirmed)
    other = Confirmation(3, 1, {3: {"validation": {"accuracy": {2: 0.9}}}})
    assert not record_confirmation(database, study.id, other)
    assert find_confirmation(database, study.id) == confirmed


def test_an_unknown_trial_stores_nothing(database, study, confirmed):
    strange = Confirmation(8, 3, {**confirmed.values, 99: {"validation": measured(0, 0, 0)}})
    with pytest.raises(KeyError):
        record_confirmation(database, study.id, strange)
    assert find_confirmation(database, study.id) is None


def test_studies_have_their_own(database, study, study_record, confirmed):
    from dataclasses import replace

    other = create_study(database, replace(study_record, name="other", optuna_study_id=8))
    assert record_confirmation(database, study.id, confirmed)
    assert find_confirmation(database, other.id) is None
