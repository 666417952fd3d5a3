"""A worker where others may end it: told to leave, it sees to it that it is run once more.

A worker that leaves in order ends with 0, and who started it would take that for the end of the
work. Slurm queues a job again that it ends without notice; where it gives notice, before the time
is up or within the grace time of a preemption, a job that has ended stays so unless it asks. To
Kubernetes and others the status says it: 143, as of any process that SIGTERM ended.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

import submitit

#: What tells that a worker left in order, or never came so far: it ended in the middle of loading.
_LEFT = (0, 130, 128 + signal.SIGTERM, -signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Run `sweeper worker` with these arguments and return its exit status.

    Where SIGTERM came, Slurm is asked to queue the job again, and 0 returned; without Slurm 143 is.
    """
    in_slurm = "SLURM_JOB_ID" in os.environ
    told: list[int] = []
    workers: list[subprocess.Popen[bytes]] = []

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if not in_slurm:  # Slurm signals all processes of a task, others the first one alone
            for worker in workers:
                worker.terminate()

    signal.signal(signal.SIGTERM, tell)
    workers.append(subprocess.Popen([sys.executable, "-P", "-m", "sweeper", "worker", *arguments]))
    if told and not in_slurm:  # before there was a worker to be told
        workers[0].terminate()
    status = workers[0].wait()
    if not told or status not in _LEFT:
        return status
    if not in_slurm:
        return 128 + signal.SIGTERM
    _requeue()
    return 0


def _requeue() -> None:
    """Have Slurm queue this job again, unless somebody has ended it or has done so already."""
    # With an array's own number: the id alone of its last job names all of them.
    job = submitit.JobEnvironment().job_id
    query = ["squeue", "--noheader", "--format=%T", "--jobs", job]
    state = subprocess.run(query, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    if state == "RUNNING":
        subprocess.run(["scontrol", "requeue", job], check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
