"""Workers on this machine, kept alive until the study is finished."""

from contextlib import suppress

from sweeper.console import count, say
from sweeper.errors import SweeperError
from sweeper.launch.launcher import LaunchRequest
from sweeper.launch.planning import cores, trials_left
from sweeper.launch.restarting_pool import RestartingPool
from sweeper.launch.signals import StopSignals
from sweeper.launch.worker_process import WorkerConfig
from sweeper.report.progress import StudyProgress
from sweeper.study.task import pick_devices

#: Seconds between two looks at the workers.
_LOOK = 0.5


class Local:
    """One process a GPU, or one a core with one thread each.

    Args:
        signals: entered; once they ask, what is unfinished is handed back.
    """

    def __init__(self, signals: StopSignals) -> None:
        self.signals = signals

    def launch(self, request: LaunchRequest) -> int:
        """Work until the study is finished; return `StopSignals.worker_status`.

        Raises:
            UsageError: there is no kind of device of this name.
            SweeperError: there is no such device here, or see `RestartingPool.keep`.
        """
        study, orders = request.study, _orders(request)
        say(f"{count(len(orders), 'worker')} on {study.stored.name}")
        self.signals.hold()
        with (
            RestartingPool(orders, lambda: _is_finished(request)) as crew,
            StudyProgress(study) as progress,
        ):
            for _ in crew.keep(_LOOK):
                if self.signals.asked():
                    say(self.signals.farewell())
                    break
                # The workers wait for a database that is away; who looks after them must not.
                with suppress(SweeperError), study.database.timeout(0):
                    progress.update()
            crew.stop(hurry=self.signals.pressed, leave=self.signals.is_preempted())
        if self.signals.asked():
            say("stopped, nothing is half-written: the same command goes on")
        elif left := trials_left(study):
            say(f"{left} left, with workers elsewhere: see `sweeper workers`")
        else:
            say(f"study {study.stored.name} is finished: see `sweeper results`")
        return self.signals.worker_status


def _orders(request: LaunchRequest) -> list[WorkerConfig]:
    devices = pick_devices(request.device)
    on_cpu = devices[0].type == "cpu"
    workers = request.workers or (cores() if on_cpu else len(devices))
    threads = 1 if on_cpu else max(1, cores() // workers)
    return [
        WorkerConfig(
            request.url,
            request.study.stored.name,
            str(devices[rank % len(devices)]),
            threads=threads,
            checkpoints=request.checkpoints,
        )
        for rank in range(workers)
    ]


def _is_finished(request: LaunchRequest) -> bool:
    """Return whether nothing is left; where the database cannot tell, it is not known to be."""
    with suppress(SweeperError), request.study.database.timeout(0):
        return not trials_left(request.study)
    return False
