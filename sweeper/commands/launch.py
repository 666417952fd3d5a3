"""``sweeper launch``: starts workers on a study."""

import argparse
import logging
from typing import TYPE_CHECKING

from sweeper.commands.options import add_checkpoints, add_storage, positive
from sweeper.errors import UsageError

if TYPE_CHECKING:
    from sweeper.launch.launcher import Launcher
    from sweeper.launch.signals import StopSignals


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "launch",
        help="start workers on a study, here or on a Slurm cluster",
        description="Starts workers on a study that is in the database, see `sweeper run --workers "
        "0`. Here, a worker that dies is started again until the study is finished; Ctrl-C hands "
        "back what is unfinished. With --on slurm workers are queued as a job array, and queued "
        "again where they were preempted or their time was up; Python, data and the current "
        "folder must be on disks that the nodes share.",
        epilog="What else sbatch is to know stands in its own variables: SBATCH_ACCOUNT, "
        "SBATCH_QOS, SBATCH_CONSTRAINT, SBATCH_MEM_PER_CPU, ...",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "--on", choices=("local", "slurm"), default="local", help="where (default: %(default)s)"
    )
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="how many (default here: one a GPU, or one a core)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu, or cuda:0 (default: auto, a GPU if there is one)",
    )
    slurm = parser.add_argument_group("for --on slurm, as in sbatch")
    slurm.add_argument("--partition", metavar="NAME", help="(default: the cluster's)")
    slurm.add_argument("--time", metavar="TIME", help="limit of a job (default: the partition's)")
    slurm.add_argument("--gpus", metavar="[TYPE:]1", help="a GPU for each worker (default: none)")
    add_checkpoints(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        UsageError: an option of Slurm's is given for this machine.
        SweeperError: another version of sweeper began the study.
    """
    from sweeper.launch.signals import StopSignals

    logging.basicConfig(format="sweeper launch: %(message)s", level=logging.WARNING)
    with StopSignals() as signals:
        from sweeper import store
        from sweeper.console import say
        from sweeper.launch.launcher import LaunchRequest
        from sweeper.launch.planning import trials_left
        from sweeper.study.open_study import KnownStudy, require_version

        launcher = _launcher(options, signals)
        with store.open_database(options.storage) as database:
            study = KnownStudy(database, store.find_study(database, options.study_name))
            require_version(study.stored)
            if not trials_left(study):
                say(f"study {options.study_name} is finished: see `sweeper results`")
                return 0
            return launcher.launch(
                LaunchRequest(
                    study, options.storage, options.device, options.workers, options.checkpoints
                )
            )


def _launcher(options: argparse.Namespace, signals: "StopSignals") -> "Launcher":
    given = {name: getattr(options, name) for name in ("partition", "time", "gpus")}
    if options.on == "slurm":
        from sweeper.launch.slurm import Slurm

        return Slurm(**given)
    if wrong := [f"--{name}" for name, value in given.items() if value is not None]:
        raise UsageError(f"{wrong[0]} is for --on slurm; leave it out, or add --on slurm")
    from sweeper.launch.local import Local

    return Local(signals)
