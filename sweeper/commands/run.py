"""``sweeper run``: creates or resumes a study and works through it here."""

import argparse
import logging
import shlex
from typing import TYPE_CHECKING

from sweeper.commands.options import (
    add_checkpoints,
    add_storage,
    listed,
    loss_names,
    natural,
    positive,
    storage_hint,
)
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES
from sweeper.registry.nets import DEFAULT_NETS, Inputs, nets_for
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.samplers import DEFAULT_SAMPLER, search_samplers
from sweeper.registry.terms import TERMS

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals
    from sweeper.study.open_study import OpenStudy


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "run",
        help="search the margins and the scale for a data set, or work through a study",
        description="Creates a study and works through it on this machine, or goes on with it "
        "where it stopped. STUDY is a built-in study, a TOML file, or a data set: a name "
        "(`sweeper data list`), an image folder, a CSV of paths and labels, or an .npz of images "
        "or of embeddings.",
        epilog="Example: sweeper run 'digits[classes=0-4]' --loss arcface --n-trials 30. "
        "Ctrl-C hands back what is unfinished and ends with status 130; SIGTERM finishes the epoch "
        "and saves it, and ends with 0, as --timeout does; the same command goes on from there.",
    )
    parser.add_argument(
        "study", metavar="STUDY", help="a built-in study, a TOML file or a data set"
    )
    parser.add_argument("--study-name", metavar="NAME", help="name of the study in the database")
    parser.add_argument(
        "--n-trials", type=positive, metavar="N", help="trials in all; a larger number goes on"
    )
    parser.add_argument("--epochs", type=positive, metavar="N", help="epochs of each training")
    parser.add_argument("--seeds", type=positive, metavar="N", help="seeds of each trial")
    parser.add_argument(
        "--workers",
        type=natural,
        metavar="N",
        help="worker processes here (default: one a GPU, or one a core); 0 only creates the study",
    )
    parser.add_argument(
        "--timeout",
        type=positive,
        metavar="S",
        help="stop after so many seconds; run again to go on",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu, or cuda:0 (default: auto, a GPU if there is one)",
    )
    searched = parser.add_argument_group("for a data set")
    searched.add_argument(
        "--objective",
        metavar="NAME",
        help=f"{listed(OBJECTIVES, DEFAULT_OBJECTIVE)}; several between commas",
    )
    searched.add_argument(
        "--loss",
        type=loss_names,
        metavar="NAME",
        help=listed((name for name, info in LOSSES.items() if info.margins), DEFAULT_LOSS),
    )
    searched.add_argument(
        "--beside",
        type=loss_names,
        metavar="TERM",
        help=f"a term beside the loss, whose λ is searched: {listed(TERMS)}; several between "
        "commas",
    )
    searched.add_argument(
        "--net",
        metavar="NAME",
        help=f"for images {_nets('images')}, or most classification nets of torchvision; "
        "'NET[weights=..., body=frozen]' is pretrained; for embeddings "
        f"{_nets('embeddings')}; or package.module:function of your own",
    )
    searched.add_argument(
        "--cold",
        action="store_true",
        help="begin without what the repository knows of other data sets",
    )
    searched.add_argument(
        "--sampler", metavar="NAME", help=listed(search_samplers(), DEFAULT_SAMPLER)
    )
    add_checkpoints(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def _nets(inputs: Inputs) -> str:
    return listed(nets_for(inputs), DEFAULT_NETS[inputs])


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper.launch.signals import StopSignals

    with StopSignals() as signals:
        return _run(options, signals)


def _run(options: argparse.Namespace, signals: "StopSignals") -> int:
    from sweeper.console import say
    from sweeper.launch.run_study import run_study
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.report.results import print_table
    from sweeper.report.study import introduction
    from sweeper.report.study_results import StudyResults
    from sweeper.store import open_database
    from sweeper.study.advice import first_settings
    from sweeper.study.open_study import create_or_resume
    from sweeper.study.resolve import has_file, resolve
    from sweeper.study.task import Task, pick_devices

    logging.basicConfig(format="sweeper: %(message)s", level=logging.WARNING)
    quiet_optuna()
    spec = resolve(
        options.study,
        objective=options.objective,
        loss=options.loss,
        beside=options.beside,
        net=options.net,
        sampler=options.sampler,
        n_trials=options.n_trials,
        epochs=options.epochs,
        seeds=options.seeds,
        study_name=options.study_name,
    )
    if spec.published is not None:
        from sweeper.study.published import published_table  # brings pandas, which takes its time

        published_table(spec)
    pick_devices(options.device)
    task = Task.load(spec)
    if not has_file(options.study):
        task = task.sized()
    with open_database(options.storage, create=True) as database:
        first = [] if options.cold or has_file(options.study) else first_settings(task, database)
        opened, new = create_or_resume(database, task, first)
        name, storage = shlex.quote(opened.stored.name), storage_hint(options)
        say(introduction(opened, new, first))
        if options.workers == 0:
            say(f"work on it with: sweeper worker {name}{storage}")
            return 0
        status = run_study(
            opened,
            signals,
            options.storage,
            options.device,
            options.workers,
            options.timeout,
            options.checkpoints,
        )
        print_table(StudyResults.load(database, opened.stored), limit=5)
        _publish(opened)
        say(f"\nmore: sweeper results {name}{storage}   in the browser: sweeper serve{storage}")
        return 0 if signals.is_preempted() else status


def _publish(opened: "OpenStudy") -> None:
    """Write the note and the figures that the dashboard shows."""
    from sweeper.serve.publish import publish  # imports for as long as a small study takes

    publish(opened.database, opened.stored)
