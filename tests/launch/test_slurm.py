"""Workers as jobs: what is queued, and on a real Slurm that every trial is done just once."""

import os
import subprocess
from pathlib import Path

import pytest
import submitit
from sqlalchemy import make_url

from sweeper import store
from sweeper.cli import main
from sweeper.errors import SweeperError, UsageError
from sweeper.launch.launcher import LaunchRequest
from sweeper.launch.slurm import FOLDER, Slurm

SECRET = "not-to-be-seen"


def with_secret(url):
    """A password in the URL of a server that asks for none."""
    return make_url(url).set(password=SECRET).render_as_string(hide_password=False)


def request(opened, url, workers=2):
    return LaunchRequest(opened, url, "cpu", workers)


def test_what_is_queued(sqlite_url, make_study, folder):
    opened = make_study(sqlite_url, n_trials=3, epochs=2)
    url = f"postgresql://me:{SECRET}@host/name"
    jobs = Slurm(executor=submitit.DebugExecutor).submit(request(opened, url, 3))
    assert len(jobs) == 3
    for job in jobs:
        command = job.submission().function
        assert command.command[1:] == [  # type: ignore[attr-defined]
            *("-P", "-m", "sweeper.launch.preemptible", "--device", "cpu", "s"),
        ]
        assert command.env is None  # type: ignore[attr-defined]
        assert job.environ["SWEEPER_STORAGE"] == url  # type: ignore[attr-defined]
    assert "SWEEPER_STORAGE" not in os.environ
    assert (folder / FOLDER).stat().st_mode & 0o777 == 0o700
    assert list((folder / FOLDER).iterdir()) == []


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # submitit's logs
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_in_this_process(postgres_url, make_study, is_whole):
    """Submitit's own way of debugging runs the same command, without Slurm."""
    opened = make_study(postgres_url, n_trials=3, epochs=2)
    slurm = Slurm(executor=submitit.DebugExecutor)
    (job,) = slurm.submit(request(opened, with_secret(postgres_url), 1))
    assert not is_whole(opened)
    job.results()
    assert is_whole(opened)


@pytest.mark.parametrize("gpus", ["2", "a100:4", "a100", "", "1 --wrap=x"])
def test_a_worker_has_one_gpu(gpus):
    with pytest.raises(UsageError, match=r"^a worker trains on one GPU: "):
        Slurm(gpus=gpus)


def test_what_is_refused(sqlite_url, make_study, folder):
    opened = make_study(sqlite_url, n_trials=3, epochs=2)
    with pytest.raises(UsageError, match=r"^workers on a cluster share no file: "):
        Slurm().submit(request(opened, sqlite_url))
    with pytest.raises(UsageError, match="--workers N"):
        Slurm().submit(request(opened, "postgresql://host/name", None))
    assert not (folder / FOLDER).exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_write_to_is_refused(sqlite_url, make_study, folder, mode):
    """What lies in it is unpickled as the user."""
    opened = make_study(sqlite_url, n_trials=3, epochs=2)
    (folder / FOLDER).mkdir()
    (folder / FOLDER).chmod(mode)
    with pytest.raises(SweeperError, match=r"^other users can write to .*sweeper-slurm"):
        Slurm(executor=submitit.DebugExecutor).submit(request(opened, "postgresql://host/name", 1))


def test_no_slurm_here(sqlite_url, make_study, folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    opened = make_study(sqlite_url, n_trials=3, epochs=2)
    with pytest.raises(SweeperError, match=r"^no Slurm here \(sbatch is not found\); "):
        Slurm().submit(request(opened, "postgresql://host/name"))
    assert not (folder / FOLDER).exists()


@pytest.mark.long
def test_what_slurm_refuses(cluster, sqlite_url, make_study):
    opened = make_study(sqlite_url, n_trials=3, epochs=2)
    with pytest.raises(SweeperError, match=r"^Slurm refused the job: .*invalid partition"):
        Slurm(partition="none").submit(request(opened, f"postgresql://me:{SECRET}@host/name"))


@pytest.mark.long
def test_a_real_cluster(cluster, postgres_url, make_study, in_training, is_whole, until, capfd):
    """One job is queued again by Slurm, one asks for it; a third run of both finds nothing left."""
    opened = make_study(postgres_url, n_trials=20, epochs=200)
    arguments = ["launch", "s", "--on", "slurm", "--workers", "2", "--device", "cpu"]
    arguments += ["--partition", "main", "--time", "2:00:00"]
    assert main([*arguments, "--storage", with_secret(postgres_url)]) == 0
    said = capfd.readouterr().err
    assert said.startswith("job 1: 2 workers on s queued, with logs in sweeper-slurm; ")
    until(lambda: len(in_training(opened)) == 2)
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    job = cluster.call("scontrol", "show", "job", "--details", "1_1")
    assert {"Requeue=1", "Partition=main", "TimeLimit=02:00:00"} <= set(job.split())
    before = in_training(opened)
    cluster.call("scontrol", "requeue", "1_1")
    until(lambda: cluster.jobs().get("1_1") == "PENDING")
    until(lambda: len(in_training(opened)) == 2 and in_training(opened) != before)
    cluster.call("scancel", "--signal=TERM", "1_0")  # as before the time is up
    until(lambda: cluster.jobs().get("1_0") == "PENDING")
    until(lambda: not cluster.jobs(), 400)
    assert is_whole(opened)
    kept = [file for file in Path(FOLDER).rglob("*") if file.is_file()]
    assert any(file.suffix == ".err" for file in kept)
    texts = [file.read_bytes() for file in (*kept, *cluster.folder.glob("*.out"))]
    texts += [text.encode() for text in (running.stdout, job, said)]
    assert b"sweeper.launch.preemptible" in b"".join(texts)
    assert not [text for text in texts if SECRET.encode() in text]
    assert main([*arguments, "--storage", postgres_url]) == 0
    assert capfd.readouterr().err.startswith("study s is finished: see `sweeper results s ")


@pytest.mark.long
def test_what_is_canceled_stays_so(cluster, postgres_url, make_study, in_training, until, capfd):
    opened = make_study(postgres_url, n_trials=20, epochs=100_000)
    arguments = ["launch", "s", "--on", "slurm", "--workers", "2", "--device", "cpu"]
    assert main([*arguments, "--storage", postgres_url]) == 0
    until(lambda: len(in_training(opened)) == 2)
    cluster.call("scancel", capfd.readouterr().err.split()[1].rstrip(":"))
    until(lambda: not cluster.jobs(), 60)
    assert store.held(opened.database, opened.stored.id) == []
    causes = {trial.cause for trial in store.load_trials(opened.database, opened.stored.id)}
    assert causes <= {"preempted"}
    logs = [file.read_text() for file in Path(FOLDER).rglob("*.err")]
    assert any(
        "no partial results were written" in log or "done by this worker" in log for log in logs
    )
