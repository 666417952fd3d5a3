"""``sweeper launch``: starts workers on a study."""

import argparse
import logging
import shlex
from typing import TYPE_CHECKING

from sweeper.commands.options import add_allow_net, add_checkpoints, add_storage, positive
from sweeper.errors import UsageError

if TYPE_CHECKING:
    from sweeper.launch.launcher import Launcher
    from sweeper.launch.signals import StopSignals


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "launch",
        help="start workers on a study, here or on a Slurm cluster",
        description="Starts workers on a study that is already in the database (`sweeper run STUDY "
        "--workers 0` creates one). On this machine, a worker that dies is restarted until the "
        "study is finished; Ctrl-C hands back unfinished trials. With --on slurm the workers are "
        "submitted as a job array, and requeued when they are preempted or reach their time limit; "
        "Python, the data and the current folder must be on disks that the nodes share.",
        epilog="Set further sbatch options through its environment variables: SBATCH_ACCOUNT, "
        "SBATCH_QOS, SBATCH_CONSTRAINT, SBATCH_MEM_PER_CPU, ...",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "--on",
        choices=("local", "slurm"),
        default="local",
        help="where to start them (default: %(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="number of workers (default on this machine: one per GPU, or one per core)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu or cuda:0 (default: auto, which uses a GPU if there is one)",
    )
    slurm = parser.add_argument_group("with --on slurm, as in sbatch")
    slurm.add_argument("--partition", metavar="NAME", help="partition (default: the cluster's)")
    slurm.add_argument(
        "--time", metavar="TIME", help="time limit of a job (default: the partition's)"
    )
    slurm.add_argument("--gpus", metavar="[TYPE:]1", help="one GPU per worker (default: none)")
    add_checkpoints(parser)
    add_allow_net(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        UsageError: a Slurm option is given without ``--on slurm``, or the net is not allowed.
        SweeperError: a different version of sweeper created the study.
    """
    from sweeper.launch.signals import StopSignals

    logging.basicConfig(format="sweeper launch: %(message)s", level=logging.WARNING)
    with StopSignals() as signals:
        from sweeper import store
        from sweeper.console import say
        from sweeper.launch.launcher import LaunchRequest
        from sweeper.launch.planning import trials_left
        from sweeper.models.user_net import require_allowed
        from sweeper.study.open_study import KnownStudy, require_version

        launcher = _launcher(options, signals)
        with store.open_database(options.storage) as database:
            study = KnownStudy(database, store.find_study(database, options.study_name))
            require_version(study.stored)
            require_allowed(study.spec.net, options.allow_net)
            if not trials_left(study):
                results = f"sweeper results {shlex.quote(options.study_name)}{database.option}"
                say(f"study {options.study_name} is finished: see `{results}`")
                return 0
            return launcher.launch(
                LaunchRequest(
                    study,
                    options.storage,
                    options.device,
                    options.workers,
                    options.checkpoints,
                    tuple(options.allow_net),
                )
            )


def _launcher(options: argparse.Namespace, signals: "StopSignals") -> "Launcher":
    slurm_options = {name: getattr(options, name) for name in ("partition", "time", "gpus")}
    if options.on == "slurm":
        from sweeper.launch.slurm import Slurm

        return Slurm(**slurm_options)
    if wrong := [f"--{name}" for name, value in slurm_options.items() if value is not None]:
        raise UsageError(f"{wrong[0]} works only with --on slurm; leave it out or add --on slurm")
    from sweeper.launch.local import Local

    return Local(signals)
