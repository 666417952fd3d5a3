"""SQLite is refused where another machine is at work on the file, and not where it is a container.

Other machines are made up of what stands in a lease; a container is a real namespace.
"""

import subprocess
import sys

import pytest

from sweeper.errors import SweeperError
from sweeper.store import WorkerIdentity, create_study, reserve
from sweeper.store.queue.one_machine import require_one_machine

OTHER = WorkerIdentity("far-1", "far/0123456789ab.ba9876543210", 1)


@pytest.fixture
def study(sqlite_database, study_record):
    return create_study(sqlite_database, study_record)


def test_a_live_lease_of_another_machine(sqlite_database, study):
    reserve(sqlite_database, study.id, 1, 9, OTHER)
    with pytest.raises(SweeperError) as raised:
        require_one_machine(sqlite_database)
    line = str(raised.value)
    assert "\n" not in line
    assert "a worker on far, another machine" in line
    assert "use PostgreSQL" in line


def test_a_lease_that_has_run_out(sqlite_database, study, timed):
    reserve(timed(sqlite_database, lease=-1), study.id, 1, 9, OTHER)
    require_one_machine(sqlite_database)


def test_a_server_is_for_all_machines(postgres_database, study_record):
    study = create_study(postgres_database, study_record)
    reserve(postgres_database, study.id, 1, 9, OTHER)
    require_one_machine(postgres_database)


def test_this_machine_under_another_boot_or_of_an_older_sweeper(sqlite_database, study):
    name, _, place = WorkerIdentity.here().host.partition("/")
    boot = place.partition(".")[0]
    same = [
        f"{name}/{place}",
        f"{name}/0123456789ab.ba9876543210",  # restarted: a lease may outlive that
        f"another-container/{boot}.ba9876543210",
        "far/0123456789ab",  # nobody could tell, or it is of an older version
        "far",
    ]
    for number, host in enumerate(same):
        reserve(sqlite_database, study.id, 1, 9, WorkerIdentity(str(number), host, 1))
    require_one_machine(sqlite_database)


def test_a_container_of_this_machine_shares_the_file(sqlite_database, study):
    """Namespaces of process ids and of the host's name: all by which a container differs."""
    reserve(sqlite_database, study.id, 1, 9, WorkerIdentity.here())
    script = (
        "import socket, sys\n"
        "from sweeper.store import WorkerIdentity, open_database, reserve\n"
        "from sweeper.store.queue.one_machine import require_one_machine\n"
        "socket.sethostname('container')\n"
        "with open_database(sys.argv[1]) as database:\n"
        "    require_one_machine(database)\n"
        "    reserve(database, int(sys.argv[2]), 1, 9, WorkerIdentity.here())\n"
        "    print(WorkerIdentity.here().host)\n"
    )
    apart = ["unshare", "--map-root-user", "--pid", "--uts", "--fork"]
    try:
        done = subprocess.run(
            [*apart, sys.executable, "-c", script, str(sqlite_database.url), str(study.id)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if done.stderr.startswith("unshare:"):
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert done.stdout.startswith("container/"), done.stderr
    assert done.stdout.strip() != WorkerIdentity.here().host
    require_one_machine(sqlite_database)


def test_who_cannot_tell_where_it_runs_refuses_nobody(sqlite_database, study, monkeypatch):
    reserve(sqlite_database, study.id, 1, 9, OTHER)
    monkeypatch.setattr("sweeper.store.queue.worker_identity._place", lambda: "0123456789ab")
    require_one_machine(sqlite_database)
