"""``sweeper run``: creates or resumes a study and works through it here."""

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from sweeper.commands.options import add_storage, natural, positive

if TYPE_CHECKING:
    from sweeper.search.open_study import OpenStudy


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "run",
        help="search the margins and the scale for a data set, or work through a study",
        description="Creates a study and works through it on this machine, or goes on with it "
        "where it stopped. STUDY is a built-in study, a TOML file, or a data set: a name "
        "(`sweeper data list`), an image folder, a CSV of paths and labels, or an .npz of images "
        "or of embeddings.",
        epilog="Example: sweeper run 'digits[classes=0-4]' --loss arcface --n-trials 30",
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
        help="accuracy (default), retrieval or compactness; several between commas",
    )
    searched.add_argument(
        "--loss",
        metavar="NAME",
        help="combined (default), arcface, cosface, sphereface or normalised-softmax",
    )
    searched.add_argument(
        "--net", metavar="NAME", help="a net, or package.module:function of your own"
    )
    searched.add_argument(
        "--sampler", metavar="NAME", help="tpe (default), gp, qmc, random, grid, nsga2"
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper.report.outcome import Outcome
    from sweeper.report.results import print_table
    from sweeper.report.study import introduction
    from sweeper.report.text import say
    from sweeper.search.open_study import create_or_resume
    from sweeper.search.process import quiet_optuna
    from sweeper.search.resolve import resolve
    from sweeper.search.task import Task

    # PUB
    from sweeper.store import open_database

    quiet_optuna()
    spec = resolve(
        options.study,
        objective=options.objective,
        loss=options.loss,
        net=options.net,
        sampler=options.sampler,
        n_trials=options.n_trials,
        epochs=options.epochs,
        seeds=options.seeds,
        study_name=options.study_name,
    )
    task = Task.load(spec)
    with open_database(options.storage, create=True) as database:
        opened, new = create_or_resume(database, task)
        name = shlex.quote(opened.stored.name)
        say(introduction(opened, new))
        if options.workers == 0:
            say(f"work on it with: sweeper worker {name}")
            return
        if not _work(opened, options):
            say(f"stopped; nothing is half-written. To go on: {_command()}")
        # PUB2
        print_table(Outcome.load(database, opened.stored), limit=5)
        say(f"\nmore: sweeper results {name}   in the browser: sweeper serve")


def _work(opened: "OpenStudy", options: argparse.Namespace) -> bool:
    """Let workers work, showing how far they are; return whether they came to the end."""
    from sweeper.report.progress import StudyProgress
    from sweeper.report.text import count, duration, say
    from sweeper.search.crew import Crew
    from sweeper.search.plan import make_plan, trials_left

    plan = make_plan(opened, options.storage, options.device, options.workers)
    if not plan.orders:
        return True
    workers = count(len(plan.orders), "worker")
    say(f"about {duration(plan.seconds)} with {workers}, {count(plan.fuse, 'trial')} an array")
    with Crew(plan.orders) as crew, StudyProgress(opened) as progress:
        try:
            for _ in crew.watch(0.5, options.timeout):
                progress.update()
        except KeyboardInterrupt:
            say("stopping: what is unfinished is handed back ...")
            crew.stop()
    return not trials_left(opened)


def _command() -> str:
    """Return the command that this process was called with."""
    return shlex.join(["sweeper", *sys.argv[1:]])
