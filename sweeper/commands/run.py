"""``sweeper run``: creates or resumes a study and runs it on this machine."""

import argparse
import logging
import shlex
import time
from contextlib import ExitStack, suppress
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
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.nets import DEFAULT_NETS, Inputs, nets_for
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.pruners import PRUNERS, SEARCH_PRUNER
from sweeper.registry.samplers import DEFAULT_SAMPLER, KNOWING_SAMPLER, search_samplers
from sweeper.registry.terms import TERMS

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals
    from sweeper.registry.setting import Setting
    from sweeper.store import Database
    from sweeper.study.open_study import OpenStudy
    from sweeper.worker.settling import Settling


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "run",
        help="search margins and scale for a data set, or run a study",
        description="Creates a study and runs it on this machine, or resumes it where it stopped. "
        "STUDY is a built-in study (`sweeper studies`), a TOML file, or a data set: a name "
        "(`sweeper data list`), an image folder, a CSV of paths and labels, or an .npz of images "
        "or embeddings.",
        epilog="Example: sweeper run 'digits[classes=0-4]' --loss arcface --n-trials 30. "
        "Ctrl-C hands back unfinished trials and exits with status 130. SIGTERM finishes and saves "
        "the epoch and exits with status 0, as does --timeout. The same command resumes the study.",
    )
    parser.add_argument(
        "study", metavar="STUDY", help="a built-in study, a TOML file or a data set"
    )
    parser.add_argument("--study-name", metavar="NAME", help="name of the study in the database")
    parser.add_argument(
        "--n-trials",
        type=positive,
        metavar="N",
        help="trials in total; raise it to continue a study",
    )
    parser.add_argument("--epochs", type=positive, metavar="N", help="epochs per training")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="images per step")
    parser.add_argument(
        "--embedding", type=positive, metavar="N", help="dimensions of the embedding (default: 64)"
    )
    parser.add_argument("--seeds", type=positive, metavar="N", help="seeds per trial")
    parser.add_argument(
        "--workers",
        type=natural,
        metavar="N",
        help="worker processes (default: one per GPU, or one per core); 0 only creates the study",
    )
    parser.add_argument(
        "--timeout",
        type=positive,
        metavar="S",
        help="stop after S seconds; run the command again to resume",
    )
    parser.add_argument(
        "--until",
        choices=("settled",),
        metavar="settled",
        help="stop when further trials would gain less than a confirmation can tell",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu or cuda:0 (default: auto, which uses a GPU if there is one)",
    )
    searched = parser.add_argument_group("if STUDY is a data set")
    searched.add_argument(
        "--objective",
        metavar="NAME",
        help=f"{listed(OBJECTIVES, DEFAULT_OBJECTIVE)}; separate several with commas",
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
        help=f"a term to add to the loss, with its λ searched: {listed(TERMS)}; separate several "
        "with commas",
    )
    searched.add_argument(
        "--net",
        metavar="NAME",
        help=f"for images {_nets('images')}, or most classification nets of torchvision; "
        "'NET[weights=..., body=frozen]' is pretrained; for embeddings "
        f"{_nets('embeddings')}, linear for retrieval and compactness; or "
        "package.module:function of your own",
    )
    searched.add_argument(
        "--cold",
        action="store_true",
        help="use nothing of the repository's results on other data sets",
    )
    searched.add_argument(
        "--sampler",
        metavar="NAME",
        help=f"{listed(search_samplers())} (default: {KNOWING_SAMPLER} for one objective of a loss "
        f"that the repository knows, else {DEFAULT_SAMPLER})",
    )
    searched.add_argument(
        "--pruner",
        metavar="NAME",
        help="what stops poor trials early, none for every curve to its end: "
        f"{listed(PRUNERS, SEARCH_PRUNER)}",
    )
    parser.add_argument(
        "--yes", action="store_true", help="start a study that will take more than an hour"
    )
    add_checkpoints(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def where_it_goes(option: str) -> str:
    """Return where an option that `run` does not have belongs, if that is in a study file."""
    from sweeper.study.study_keys import StudyKeys  # a slow import

    name = option.removeprefix("--").partition("=")[0].replace("-", "_")
    if name in all_hyperparameters():
        how = f"{name} is fixed or searched in a study file, under [fixed] or [space]"
    elif name in StudyKeys.model_fields:
        how = f"{name} is set in a study file"
    else:
        return ""
    return f" ({how}, see 'Study files' in README.md)"


def _nets(inputs: Inputs) -> str:
    return listed(nets_for(inputs), DEFAULT_NETS[inputs])


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper.launch.signals import StopSignals

    with StopSignals() as signals:
        return _run(options, signals)


def _run(options: argparse.Namespace, signals: "StopSignals") -> int:
    from sweeper.console import before_training, say

    with ExitStack() as stack:
        with before_training():
            database, opened, new, first = _open(options, stack)
        from sweeper.report.results import print_table
        from sweeper.report.study import introduction
        from sweeper.report.study_results import StudyResults
        from sweeper.study.open_study import require_not_stopped
        from sweeper.study.resolve import has_file
        from sweeper.worker.settling import Settling, has_outlook

        require_not_stopped(opened)
        name, storage = shlex.quote(opened.stored.name), storage_hint(options)
        say(introduction(opened, new, first))
        if new:
            _publish_sheet(opened)
        if options.workers == 0:
            say(f"start workers with: sweeper worker {name}{storage}")
            return 0
        settling = Settling(opened) if has_outlook(opened.spec) else None
        try:
            status = _train(options, signals, opened, settling)
        except KeyboardInterrupt:  # later ones are signals, and the workers hand back
            raise KeyboardInterrupt(
                f"interrupted before anything was trained: study {opened.stored.name} is stored, "
                "and the same command goes on with it"
            ) from None
        opened = opened.now()
        name = shlex.quote(opened.stored.name)
        if settling is not None and (options.until or not has_file(options.study)):
            settling.look()
        print_table(StudyResults.load(database, opened.stored), limit=5)
        _publish_sheet(opened)
        _publish(opened)
        say(f"\ndetails: sweeper results {name}{storage}   in the browser: sweeper serve{storage}")
        return 0 if signals.is_preempted() else status


def _train(
    options: argparse.Namespace,
    signals: "StopSignals",
    opened: "OpenStudy",
    settling: "Settling | None",
) -> int:
    """Train what is left, or until it has settled; return the exit status."""
    from sweeper.console import say
    from sweeper.launch.planning import trials_left
    from sweeper.launch.run_study import run_study

    looks: list[bool] = []
    ends = None if options.timeout is None else time.monotonic() + options.timeout

    def look() -> bool:
        assert settling is not None
        looks.append(settling.is_settled())
        return looks[-1]

    while True:
        looks.clear()
        status = run_study(
            opened,
            signals,
            options.storage,
            options.device,
            options.workers,
            None if ends is None else max(1, round(ends - time.monotonic())),
            options.checkpoints,
            look if options.until and settling else None,
        )
        late = ends is not None and time.monotonic() >= ends
        if not any(looks) or status or late or signals.asked() or not trials_left(opened):
            return status
        # What was still training when it had settled may tell otherwise.
        with suppress(SweeperError), opened.database.timeout(0):
            if not look():
                say("what was still training says that more trials would gain: going on")
                continue
        return status


def _open(
    options: argparse.Namespace, stack: ExitStack
) -> "tuple[Database, OpenStudy, bool, list[Setting]]":
    """Create or find the study.

    Returns:
        Its database, open until the stack is left; the study; whether it is new; and the settings
        that other data sets suggest for it.
    """
    from sweeper.console import count, preparing, say
    from sweeper.launch.long_runs import require_short
    from sweeper.launch.planning import TIMING
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.store import open_database
    from sweeper.study.advice import first_settings
    from sweeper.study.open_study import create_or_resume, is_stored
    from sweeper.study.resolve import has_file, resolve
    from sweeper.study.task import Task, pick_devices, require_net
    from sweeper.worker.settling import has_outlook

    logging.basicConfig(format="sweeper: %(message)s", level=logging.WARNING)
    quiet_optuna()
    spec = resolve(
        options.study,
        objective=options.objective,
        loss=options.loss,
        beside=options.beside,
        net=options.net,
        sampler=options.sampler,
        pruner=options.pruner,
        n_trials=options.n_trials,
        epochs=options.epochs,
        batch_size=options.batch_size,
        embedding=options.embedding,
        seeds=options.seeds,
        study_name=options.study_name,
        cold=options.cold,
    )
    if options.until and not has_outlook(spec):
        raise UsageError("--until settled: only a search by one objective settles; leave it out")
    if spec.published is not None:
        from sweeper.study.published import published_table  # imports pandas, which is slow

        published_table(spec)
    pick_devices(options.device)
    require_net(spec)
    with preparing(f"reading {options.study}"):
        task = Task.load(spec)
        if not has_file(options.study):
            task = task.sized()
    database = stack.enter_context(open_database(options.storage, create=True))
    unasked = not options.yes and options.timeout is None and options.workers != 0
    if unasked and not is_stored(database, task.spec.name):
        with preparing(TIMING):
            require_short(task, options.device, options.workers)
    with preparing("asking what is known of other data sets"):
        first = [] if options.cold or has_file(options.study) else first_settings(task, database)
        opened, new = create_or_resume(database, task, first)
    asked, has = options.n_trials, opened.stored.n_trials
    if asked is not None and asked < has:
        say(f"--n-trials {asked} changes nothing: the study has {count(has, 'trial')} already")
    return database, opened, new, first


def _publish_sheet(opened: "OpenStudy") -> None:
    """Write the contact sheet for the dashboard."""
    from sweeper.serve.publish import publish_sheet  # a slow import

    publish_sheet(opened)


def _publish(opened: "OpenStudy") -> None:
    """Write the note and the figures for the dashboard."""
    from sweeper.serve.publish import publish  # a slow import

    publish(opened.database, opened.stored)
