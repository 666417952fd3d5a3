"""Workers on this machine, kept alive until the study is finished."""

import shlex
from contextlib import suppress

from sweeper.console import count, say
from sweeper.errors import SweeperError
from sweeper.launch.launcher import LaunchRequest
from sweeper.launch.planning import cores, trials_left
from sweeper.launch.restarting_pool import RestartingPool
from sweeper.launch.signals import StopSignals
from sweeper.launch.supervisor import supervise
from sweeper.launch.worker_process import WorkerConfig
from sweeper.study.task import pick_devices


class Local:
    """One process per GPU, or one per core with one thread each.

    Args:
        signals: entered; once they ask, what is unfinished is handed back.
    """

    def __init__(self, signals: StopSignals) -> None:
        self.signals = signals

    def launch(self, request: LaunchRequest) -> int:
        """Work until the study is finished; return `StopSignals.worker_status`.

        Raises:
            UsageError: there is no kind of device of this name.
            SweeperError: there is no such device here, or see `RestartingPool.watch`.
        """
        study, configs = request.study, _configs(request)
        name, timing = study.stored.name, study.database.timing
        say(f"{count(len(configs), 'worker')} on {name}")
        pool = RestartingPool(configs, lambda: _is_finished(request), timing=timing)
        if supervise(pool, study, self.signals):
            now = study.now().stored.name
            results = f"sweeper results {shlex.quote(now)}{study.database.option}"
            say(f"study {now} is finished: see `{results}`")
        return self.signals.worker_status


def _configs(request: LaunchRequest) -> list[WorkerConfig]:
    devices = pick_devices(request.device)
    on_cpu = devices[0].type == "cpu"
    workers = request.workers or (cores() if on_cpu else len(devices))
    threads = 1 if on_cpu else max(1, cores() // workers)
    return [
        WorkerConfig(
            request.url,
            request.study.stored,
            str(devices[rank % len(devices)]),
            threads=threads,
            checkpoints=request.checkpoints,
            allow_nets=request.allow_nets,
            timing=request.study.database.timing,
        )
        for rank in range(workers)
    ]


def _is_finished(request: LaunchRequest) -> bool:
    """Return whether nothing is left; where the database cannot tell, it is not known to be."""
    with suppress(SweeperError), request.study.database.timeout(0):
        return not trials_left(request.study)
    return False
