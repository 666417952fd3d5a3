"""A worker whose clock is off, in a process of its own whose system's clock really is."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from sweeper.store import DEFAULT_TIMING, WorkerIdentity, create_study, expired, held, reserve
from sweeper.store.queue.clock import ahead, warn_if_off

ELSEWHERE = WorkerIdentity("elsewhere-1", "a-host-far-away", 1)

#: A worker that begins, takes a trial and renews it, looks for lost ones, and prints what it found.
SCRIPT = """
import logging, sys
from datetime import UTC, datetime
from sweeper.store import WorkerIdentity, claim_control, expired, open_database, renew, reserve
from sweeper.store.queue.clock import warn_if_off
logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
with open_database(sys.argv[1]) as database:
    study, me = int(sys.argv[2]), WorkerIdentity.here()
    warn_if_off(database)
    lost = [lease.id for lease in expired(database, study)]
    (own,) = reserve(database, study, 1, 9, me)
    assert renew(database, me) == {own}
    print(datetime.now(UTC).timestamp(), own, lost, claim_control(database, study, "softmax", me))
"""


def off(by: str, database, study) -> tuple[list[str], str]:
    """Run the worker with its clock off by so much; return what it printed, and its warnings."""
    if shutil.which("faketime") is None:
        pytest.skip("Debian's faketime is not installed")
    url = database.url.render_as_string(hide_password=False)
    done = subprocess.run(
        ["faketime", "-f", by, sys.executable, "-c", SCRIPT, url, str(study.id)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(maxsplit=2), done.stderr


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("+3m", "3 min ahead of"),
        ("-5h", "5 h behind"),
        ("+3d", "3 days ahead of"),
    ],
)
def test_a_worker_is_told_and_takes_and_loses_no_lease(
    by, said, postgres_database, study_record, timed
):
    study = create_study(postgres_database, study_record)
    (good,) = reserve(timed(postgres_database, lease=60), study.id, 1, 9, ELSEWHERE)
    (stale,) = reserve(timed(postgres_database, lease=-1), study.id, 1, 9, ELSEWHERE)
    (_, own, found), warnings = off(by, postgres_database, study)
    assert f"sweeper worker: the clock of this machine is {said} that of the database" in warnings
    assert "leases use the server's" in warnings
    assert "set the clock" in warnings
    assert warnings.count("\n") == 1
    lost, _, control = found.strip().partition("] ")
    assert lost == f"[{stale}"  # neither early nor late
    assert control != "None"
    leases = {lease.id: lease for lease in held(postgres_database, study.id)}
    assert {good, stale, int(own)} <= set(leases)
    now = datetime.now(UTC)
    for mine in (leases[int(own)], leases[int(control)]):
        assert abs(now - mine.since) < timedelta(seconds=30)
        left = (mine.until - now).total_seconds()
        assert abs(left - DEFAULT_TIMING.lease) < 30
    # The worker of that process is gone, or of this machine: those of others alone are looked at.
    theirs = [lease.id for lease in expired(postgres_database, study.id)]
    assert good not in theirs
    assert stale in theirs


def test_a_minute_is_not_worth_a_word(postgres_database, study_record):
    study = create_study(postgres_database, study_record)
    (seen, *_), warnings = off("+45s", postgres_database, study)
    assert warnings == ""
    assert float(seen) - datetime.now(UTC).timestamp() > 20


def test_a_file_has_no_clock_of_its_own(sqlite_database, study_record):
    study = create_study(sqlite_database, study_record)
    _, warnings = off("+5h", sqlite_database, study)
    assert warnings == ""


def test_a_clock_that_is_right(database, caplog):
    assert abs(ahead(database)) < timedelta(seconds=5)
    warn_if_off(database)
    assert caplog.records == []
