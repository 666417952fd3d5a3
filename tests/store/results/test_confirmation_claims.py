"""Who confirms: claims of two at once, of dead processes, and what may have read the test split."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from sweeper.errors import SweeperError
from sweeper.store import (
    Confirmation,
    EarlierRead,
    WorkerIdentity,
    claim_confirmation,
    create_study,
    find_claim,
    find_confirmation,
    find_test_reads,
    note_test_read,
    record_confirmation,
    record_trial,
    release_confirmation,
    renew,
)
from sweeper.store.database.tables import ConfirmationRow


@pytest.fixture
def dead():
    """A process of this machine that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(WorkerIdentity.here(), name="gone", pid=process.pid)


def run_out(database, study, seconds=1):
    """Let the lease of a confirmation have run out some seconds ago."""
    past = datetime.now(UTC) - timedelta(seconds=seconds)
    database.transact(lambda session: session.execute(update(ConfirmationRow).values(until=past)))


def test_a_claim_tells_who_and_since_when(database, study):
    assert find_claim(database, study.id) is None
    worker = WorkerIdentity.here()
    before = datetime.now(UTC) - timedelta(seconds=5)
    claim_confirmation(database, study.id, 3, worker)
    claim = find_claim(database, study.id)
    assert (claim.study, claim.seeds, claim.worker) == (study.name, 3, worker)
    assert before < claim.begun < before + timedelta(seconds=60)
    assert (claim.test_read, claim.is_lost, claim.reads) == (None, False, ())
    assert find_confirmation(database, study.id) is None
    assert find_test_reads(database) == []


def test_the_second_is_told_of_the_first(database, study):
    first, second = WorkerIdentity.here(), WorkerIdentity.here()
    claim_confirmation(database, study.id, 3, first)
    with pytest.raises(
        SweeperError, match=rf"is being confirmed since .* by process {first.pid} on "
    ):
        claim_confirmation(database, study.id, 3, second)
    assert find_claim(database, study.id).worker == first
    release_confirmation(database, study.id, second)
    assert find_claim(database, study.id).worker == first


def test_of_many_at_once_one_has_it(storage_url, database, study, run_together):
    imports = "from sweeper.store import WorkerIdentity, claim_confirmation, open_database"
    script = (
        "from sweeper.errors import SweeperError\n"
        "database = open_database(sys.argv[2])\n"
        "try:\n"
        f"    claim_confirmation(database, {study.id}, 3, WorkerIdentity.here())\n"
        "    print('claimed')\n"
        "    time.sleep(3)\n"
        "except SweeperError as error:\n"
        "    print(error)\n"
    )
    url = database.url.render_as_string(hide_password=False)
    said = sorted(run_together(3, imports, script, url))
    assert said[0] == "claimed\n"
    assert all("is being confirmed since" in each for each in said[1:])


def test_a_renewed_claim_is_kept(database, study):
    worker = WorkerIdentity.here()
    claim_confirmation(database, study.id, 3, worker)
    run_out(database, study)
    assert find_claim(database, study.id).is_lost
    renew(database, worker)
    assert not find_claim(database, study.id).is_lost


def test_a_claim_before_the_test_split_was_read_leaves_no_trace(database, study, dead):
    claim_confirmation(database, study.id, 3, dead)
    assert find_claim(database, study.id).is_lost
    worker = WorkerIdentity.here()
    assert claim_confirmation(database, study.id, 5, worker).reads == ()
    release_confirmation(database, study.id, worker)
    assert find_claim(database, study.id) is None


def test_interrupted_ones_that_may_have_read_the_test_split_stay_on_record(database, study, dead):
    claim_confirmation(database, study.id, 3, dead)
    note_test_read(database, study.id, dead)
    first = find_claim(database, study.id).test_read
    assert find_test_reads(database) == [(study, first)]

    again = WorkerIdentity.here()
    claim = claim_confirmation(database, study.id, 5, again)
    assert claim.interrupted == (EarlierRead(study.name, first, "interrupted"),)
    assert claim.test_read is None
    release_confirmation(database, study.id, again)  # stopped in training
    assert find_claim(database, study.id).reads == claim.interrupted

    third = WorkerIdentity.here()
    claim_confirmation(database, study.id, 5, third)
    other = EarlierRead("other", datetime(2026, 1, 1, tzinfo=UTC), "all")
    note_test_read(database, study.id, third, (other,))
    second = find_claim(database, study.id).test_read
    release_confirmation(database, study.id, third)  # an error behind it
    reads = find_claim(database, study.id).reads
    assert [read.when for read in reads] == [first, second]
    assert {read.shared for read in reads} == {"interrupted"}


def test_who_was_taken_over_does_not_read_the_test_split(database, study):
    far = replace(WorkerIdentity.here(), name="far", host="another/ab.cd")
    claim_confirmation(database, study.id, 3, far)
    run_out(database, study)
    claim_confirmation(database, study.id, 3, WorkerIdentity.here())
    with pytest.raises(SweeperError, match=r"was taken over .* has not read the test split"):
        note_test_read(database, study.id, far)
    assert not record_confirmation(database, study.id, Confirmation(0, 3, {}), far)
    assert find_claim(database, study.id).test_read is None


def test_experiments_read_test_data_with_their_first_trial(database, study_record, numbered, study):
    experiment = replace(study_record, name="listed", kind="experiment", optuna_study_id=8)
    stored = create_study(database, experiment)
    assert find_test_reads(database) == []
    assert record_trial(database, study.id, numbered(0), "validation")
    assert find_test_reads(database) == []
    assert record_trial(database, stored.id, numbered(0, seeds=(), state="failed"), "test")
    assert find_test_reads(database) == []
    assert record_trial(database, stored.id, numbered(1), "test")
    ((found, when),) = find_test_reads(database)
    assert found == stored
    assert abs(when - datetime.now(UTC)) < timedelta(seconds=60)
