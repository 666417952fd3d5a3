"""Workers on a Slurm cluster: a job array, a task a worker.

What submitit pickles into its folder, and reads again on the node, is a command of plain words and
none of our objects. The storage URL is not among them: it travels in the environment of the job,
which Slurm keeps from other users and forgets with the job; a file on the shared disk would stay.
"""

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import submitit

from sweeper.console import count, say
from sweeper.errors import SweeperError, UsageError
from sweeper.launch.launcher import LaunchRequest
from sweeper.store.database.address import parse_url, sqlite_file

#: Where submitit keeps its files and the logs of the workers, in the current folder.
FOLDER = "sweeper-slurm"


def slurm_executor(folder: Path) -> submitit.Executor:
    """Return submitit's executor for Slurm.

    Raises:
        SweeperError: there is no Slurm here.
    """
    if missing := [program for program in ("sbatch", "srun") if shutil.which(program) is None]:
        raise SweeperError(
            f"no Slurm here ({missing[0]} is not found); call this on a login node of the cluster"
        )
    return submitit.SlurmExecutor(folder / "%j")


class Slurm:
    """One job of an array a worker; Slurm starts it again where it was preempted.

    Args:
        partition: as in sbatch, or None for the cluster's own.
        time: limit of a job as in sbatch, or None for the partition's. A worker whose time is up
            is queued again.
        gpus: as in sbatch, ``1`` or ``TYPE:1``, or None for none.
        executor: makes submitit's executor; another one is for tests.

    Raises:
        UsageError: several GPUs are asked for.
    """

    def __init__(
        self,
        partition: str | None = None,
        time: str | None = None,
        gpus: str | None = None,
        executor: Callable[[Path], submitit.Executor] = slurm_executor,
    ) -> None:
        if gpus is not None and not re.fullmatch(r"([\w.-]+:)?1", gpus):
            raise UsageError(f"a worker trains on one GPU: --gpus 1 or TYPE:1, not {gpus!r}")
        # What submitit would set itself is unset: five minutes, a key that clusters may not know.
        self.parameters: dict[str, Any] = {"partition": partition, "time": None, "wckey": None}
        more = {"requeue": True, "time": time, "gpus": gpus}
        self.more = {name: value for name, value in more.items() if value is not None}
        self.executor = executor

    def launch(self, request: LaunchRequest) -> int:
        """Queue the workers and return 0, before any of them has begun.

        Raises:
            UsageError: the database is a file, or no number of workers is given.
            SweeperError: there is no Slurm here, or it refused the job.
        """
        jobs = self.submit(request)
        job = jobs[0].job_id.split("_")[0]
        say(
            f"job {job}: {count(len(jobs), 'worker')} on {request.study.stored.name} queued, with "
            f"logs in {FOLDER}; see `sweeper workers`, and `scancel {job}` to end them"
        )
        return 0

    def submit(self, request: LaunchRequest) -> list[submitit.Job[str]]:
        """Queue the workers; return submitit's jobs. Raises what `launch` does."""
        if sqlite_file(parse_url(request.url)) is not None:
            raise UsageError(
                "workers on a cluster share no file: --on slurm needs a study in PostgreSQL, "
                "--storage postgresql://USER@HOST/DATABASE"
            )
        if request.workers is None:
            raise UsageError("--on slurm needs --workers N, how many jobs to queue")
        name = request.study.stored.name
        notice = {"signal": f"TERM@{round(request.study.database.timing.preemption_notice)}"}
        folder = Path(FOLDER).absolute()
        executor = self.executor(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        _require_own(folder)
        folder.chmod(0o700)  # of an earlier version it was open to readers
        executor.update_parameters(
            **self.parameters,
            job_name=f"sweeper {name}",
            additional_parameters=self.more | notice,
        )
        task = [
            sys.executable,
            "-P",
            "-m",
            "sweeper.launch.preemptible",
            "--device",
            request.device,
        ]
        if request.checkpoints is not None:
            task += ["--checkpoints", str(request.checkpoints)]
        for module in request.allow_nets:
            task += ["--allow-net", module]
        task.append(name)
        with submitit.helpers.environment_variables(
            SWEEPER_STORAGE=request.url, SBATCH_EXPORT="ALL"
        ):
            try:
                return executor.submit_array(
                    [submitit.helpers.CommandFunction(task) for _ in range(request.workers)]
                )
            except submitit.core.utils.FailedJobError as error:
                raise SweeperError(f"Slurm refused the job: {error}") from error


def _require_own(folder: Path) -> None:
    """Refuse a folder that others can write to: what lies in it is unpickled, and so run, by us.

    Raises:
        SweeperError: they can.
    """
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SweeperError(
            f"other users can write to {folder}, and what lies in it is run as you: "
            "delete it, or start from another folder"
        )
