"""What a Slurm job runs: a worker, and where it was told to stop, the request to run once more.

Slurm itself queues a job again that it ends without notice. Where it gives notice, before the time
is up or within the grace time of a pre-emption, the worker hands back and ends, and a job that has
ended stays so unless it asks.
"""

import signal
import subprocess
import sys
from collections.abc import Sequence

import submitit

#: How a worker ends that was told to stop: while it loaded, while it trained, before it listened.
_STOPPED = (130, 128 + signal.SIGTERM, -signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Run `sweeper worker` with these arguments and return its exit status, 0 if it was stopped."""
    # Slurm signals all processes of a task: this one has to live on until the worker has ended.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    status = subprocess.call([sys.executable, "-m", "sweeper", "worker", *arguments])
    if status not in _STOPPED:
        return status
    _requeue()
    return 0


def _requeue() -> None:
    """Have Slurm queue this job again, unless somebody has ended it or has done so already."""
    environment = submitit.JobEnvironment()
    if environment.cluster != "slurm":
        return
    # With an array's own number: the id alone of its last job names all of them.
    job = environment.job_id
    query = ["squeue", "--noheader", "--format=%T", "--jobs", job]
    state = subprocess.run(query, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    if state == "RUNNING":
        subprocess.run(["scontrol", "requeue", job], check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
