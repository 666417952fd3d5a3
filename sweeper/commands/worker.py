"""``sweeper worker``: joins a study from any machine."""

import argparse
import logging
import shlex
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sweeper.commands.options import (
    add_allow_net,
    add_checkpoints,
    add_logs,
    add_storage,
    storage_hint,
    trials_per_array,
)
from sweeper.logs import Logs

if TYPE_CHECKING:
    from sweeper.worker.study_worker import StudyWorker


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "worker",
        help="join a study from any machine",
        description="Joins a study and trains until its budget is used up. On the CPU a worker "
        "uses one core: start one per core. Ctrl-C hands back unfinished trials. SIGTERM finishes "
        "the epoch and saves it for the worker that takes over.",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "beside",
        nargs="*",
        metavar="STUDY_NAME",
        help="more studies on the same data, net and budget, whose trials fill up an array that "
        "the first study cannot fill",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu or cuda:0 (default: auto, which uses a GPU if there is one)",
    )
    parser.add_argument(
        "--fuse",
        type=trials_per_array,
        default=None,
        metavar="auto|K",
        help="trials per array (default: auto, chosen for the net, batch size and device)",
    )
    add_checkpoints(parser)
    add_allow_net(parser)
    add_logs(parser, None)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper.launch.signals import StopSignals

    if options.log_format is None:
        logging.basicConfig(format="sweeper worker: %(message)s", level=logging.WARNING)
    else:
        Logs(options.log_format, options.log_level).begin()
    with StopSignals() as signals, ExitStack() as stack:
        from sweeper.console import count, duration, say
        from sweeper.launch.planning import trials_left
        from sweeper.launch.worker_process import WorkerConfig, work
        from sweeper.report.progress import watched
        from sweeper.report.study import introduction
        from sweeper.study.open_study import require_not_stopped
        from sweeper.worker.estimate import seconds_per_trial

        def begin(worker: "StudyWorker") -> None:
            studies = [queue.opened for queue in worker.queues]
            for study in studies:
                require_not_stopped(study)
                say(introduction(study, new=False))
            left, fuse = sum(map(trials_left, studies)), count(worker.fuse, "trial")
            if left:
                each = seconds_per_trial(worker.opened.spec, worker.data, min(left, worker.fuse))
                alone = f"about {duration(each * left)} if no other worker helps"
                say(f"on {worker.device}, {fuse} per array, {left} left to train: {alone}")
            else:
                name, option = shlex.quote(options.study_name), storage_hint(options)
                say(f"the study is finished: see `sweeper results {name}{option}`")
            signals.hold()
            stack.enter_context(watched(worker.opened))

        config = WorkerConfig(
            options.storage,
            options.study_name,
            options.device,
            options.fuse,
            beside=tuple(options.beside),
            checkpoints=options.checkpoints,
            allow_nets=tuple(options.allow_net),
        )
        done = work(config, signals.is_interrupted, begin, signals.is_preempted)
    say(f"{count(done, 'trial')} done by this worker, controls included")
    return signals.worker_status
