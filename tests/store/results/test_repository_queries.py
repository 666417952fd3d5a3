"""What the repository learns from: margins trained in the usual way, and nothing else."""

from dataclasses import replace

import pytest

from sweeper.registry.losses import LOSSES, repository_losses
from sweeper.registry.setting import FIELDS, Setting
from sweeper.store import (
    Confirmation,
    EpochRecord,
    SeedRecord,
    create_study,
    record_meta_features,
    record_trial,
)
from sweeper.store.results.repository_queries import diverged_table, result_table, task_table
from tests.support.confirmations import store_confirmation

PLAIN = Setting("arcface", m2=0.5, scale=16.0)
UNKNOWN = {
    "a term": Setting.of("softmax", {}, ["center"]),
    "a term of no weight": Setting.of("softmax", {"center.lambda": 0}),
    "an option": Setting.of("arcface", {"m2": 0.5, "scale": 16.0, "subcenters": 3}),
    **{loss: Setting(loss) for loss in LOSSES if loss not in repository_losses()},
}
SEEDS = (SeedRecord(0, {"accuracy": 0.5}, (EpochRecord(0, 1.0),)),)


def settings_of(table):
    return [Setting(**row) for row in table[list(FIELDS)].to_dict("records")]


@pytest.fixture
def one(numbered):
    """Make a trial with a setting that is complete, or diverged."""

    def make(number, setting, diverged=False):
        if not diverged:
            return numbered(number, setting=setting, seeds=SEEDS)
        cause = "non-finite: the loss of epoch 0 with seed 0"
        return numbered(number, setting=setting, state="failed", cause=cause, seeds=SEEDS)

    return make


@pytest.mark.parametrize("loss", repository_losses())
def test_margin_losses_are_known(database, study, one, loss):
    record_trial(database, study.id, one(0, Setting(loss)), "validation")
    record_trial(database, study.id, one(1, Setting(loss, lr=0.5), diverged=True), "validation")
    assert settings_of(result_table(database)) == [Setting(loss)]
    assert settings_of(diverged_table(database)) == [Setting(loss, lr=0.5)]


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_the_repository_knows_nothing_of_is_left_out(database, study, one, what):
    record_trial(database, study.id, one(0, UNKNOWN[what]), "validation")
    record_trial(database, study.id, one(1, PLAIN), "validation")
    record_trial(database, study.id, one(2, UNKNOWN[what], diverged=True), "validation")
    record_trial(database, study.id, one(3, PLAIN, diverged=True), "validation")
    assert settings_of(result_table(database)) == [PLAIN]
    assert settings_of(diverged_table(database)) == [PLAIN]


def test_what_was_trained_otherwise_is_left_out(database, study_record, study, one):
    task = replace(study_record.task, protocol='{"decay": "epoch"}')
    other = create_study(database, replace(study_record, name="other", task=task))
    for own in (study, other):
        record_meta_features(database, own.task, {"log_images": 4.5})
    for diverged in (False, True):
        number = int(diverged)
        record_trial(database, other.id, one(number, Setting("softmax"), diverged), "validation")
    assert result_table(database).empty
    assert diverged_table(database).empty
    record_trial(database, study.id, one(0, PLAIN), "validation")
    record_trial(database, study.id, one(1, PLAIN, diverged=True), "validation")
    for table in (result_table(database), diverged_table(database)):
        assert settings_of(table) == [PLAIN]
        assert set(table["task"]) <= set(task_table(database).index)


def test_further_seeds_of_what_is_unknown_are_left_out_too(database, study, one):
    settings = [PLAIN, *UNKNOWN.values()]
    for number, setting in enumerate(settings):
        record_trial(database, study.id, one(number, setting), "validation")
    values = {n: {"validation": {"accuracy": {4: n / 20}}} for n in range(len(settings))}
    store_confirmation(database, study.id, Confirmation(0, 1, values))
    table = result_table(database)
    assert settings_of(table) == [PLAIN, PLAIN]
    assert dict(zip(table["seed"], table["value"], strict=True)) == {0: 0.5, 4: 0.0}
