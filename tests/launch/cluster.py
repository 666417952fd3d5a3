"""A Slurm cluster of this machine alone, with daemons of its own that end with it."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel")

CONF = """
ClusterName=sweeper
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={d_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=20
SchedulerParameters=sched_interval=2,batch_sched_delay=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=500 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Return the programs that a cluster needs and that are not here."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return [name for name in PROGRAMS if shutil.which(name, path=places) is None]


class Cluster:
    """Started on entering, stopped on leaving.

    `SLURM_CONF` in `environment` is what every command of Slurm's needs to find it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemons: list[subprocess.Popen[bytes]] = []
        self.environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
        self.environment["PATH"] += ":/usr/sbin"

    def __enter__(self) -> "Cluster":
        folder, host = self.folder, socket.gethostname().partition(".")[0]
        folder.chmod(0o711)  # munge wants its socket within everybody's reach
        for name in ("state", "spool"):
            (folder / name).mkdir(mode=0o755)
        key = folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        numbers = {
            "user": pwd.getpwuid(os.getuid()).pw_name,
            "cores": min(2, os.cpu_count() or 1),
            "ctld_port": free_port(),
            "d_port": free_port(),
        }
        (folder / "slurm.conf").write_text(CONF.format(folder=folder, host=host, **numbers))
        files = {"key-file": key}
        for name in ("socket", "pid-file", "log-file", "seed-file"):
            files[name] = folder / f"munge.{name.removesuffix('-file')}"
        try:
            self._start("munged", "--foreground", *(f"--{n}={f}" for n, f in files.items()))
            self._wait(lambda: files["socket"].exists())
            self._start("slurmctld", "-D")
            self._start("slurmd", "-D")
            self._wait(lambda: "idle" in self.call("sinfo", "--noheader", "--format=%t"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(30)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def call(self, *command: str) -> str:
        """Return what a command of Slurm's prints; nothing where it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    def jobs(self) -> dict[str, str]:
        """Return the state of each job that has not ended, by its number."""
        lines = self.call("squeue", "--noheader", "--array", "--format=%i %T").splitlines()
        return dict(line.split() for line in lines)

    def _start(self, *command: str) -> None:
        log = (self.folder / f"{command[0]}.out").open("wb")
        with log:
            self.daemons.append(
                subprocess.Popen(
                    command, env=self.environment, stdout=log, stderr=log, start_new_session=True
                )
            )

    def _wait(self, condition, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or any(d.poll() is not None for d in self.daemons):
                logs = [file.read_text() for file in self.folder.glob("*.out")]
                raise RuntimeError(f"the cluster does not come up: {logs}")
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
