"""Confirmations: stored whole, once, and read back as they were."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import (
    Confirmation,
    EarlierRead,
    WorkerIdentity,
    create_study,
    find_confirmation,
    record_confirmation,
    record_trial,
)
from tests.support.confirmations import store_confirmation

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
    earlier = (EarlierRead("another", datetime(2026, 5, 4, 3, 2, tzinfo=UTC), "some"),)
    confirmed = replace(confirmed, earlier=earlier)
    before = datetime.now(UTC) - timedelta(seconds=5)
    store_confirmation(database, study.id, confirmed)
    found = find_confirmation(database, study.id)
    assert found == confirmed
    assert before < found.finished < before + timedelta(seconds=60)


def test_not_a_number_comes_back(database, study, confirmed):
    confirmed.values[3]["validation"]["accuracy"][3] = math.nan
    store_confirmation(database, study.id, confirmed)
    stored = find_confirmation(database, study.id)
    assert math.isnan(stored.values[3]["validation"]["accuracy"][3])
    assert stored.values[3]["validation"]["accuracy"][2] == 0.1


def test_the_second_changes_nothing(database, study, confirmed):
    store_confirmation(database, study.id, confirmed)
    other = Confirmation(3, 1, {3: {"validation": {"accuracy": {2: 0.9}}}})
    with pytest.raises(SweeperError, match="'mine' was confirmed by somebody else"):
        store_confirmation(database, study.id, other)
    assert not record_confirmation(database, study.id, other, WorkerIdentity.here())
    assert find_confirmation(database, study.id) == confirmed


def test_an_unknown_trial_stores_nothing(database, study, confirmed):
    strange = Confirmation(8, 3, {**confirmed.values, 99: {"validation": measured(0, 0, 0)}})
    with pytest.raises(KeyError):
        store_confirmation(database, study.id, strange)
    assert find_confirmation(database, study.id) is None


def test_studies_have_their_own(database, study, study_record, confirmed):
    other = create_study(database, replace(study_record, name="other", optuna_study_id=8))
    store_confirmation(database, study.id, confirmed)
    assert find_confirmation(database, other.id) is None
