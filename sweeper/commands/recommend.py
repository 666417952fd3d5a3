"""``sweeper recommend``: recommends margins and a scale for a data set before any training."""

import argparse
import shlex
from typing import TYPE_CHECKING

from sweeper.commands.options import (
    add_storage,
    listed,
    loss_names,
    positive,
    rate,
    storage_hint,
)
from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.terms import repository_terms

if TYPE_CHECKING:
    from sweeper.study.advice import Advice


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "recommend",
        help="recommend margins and a scale for a data set, before any training",
        description="Computes statistics of a data set, without training on it, and recommends "
        "margins and a scale predicted from all known data sets: the built-in ones, those searched "
        "in this database, and imported ones. Reports the expected gain over plain softmax with a "
        "90 % interval, and says so if no known data set is similar enough.",
        epilog="Example: sweeper recommend ./my-images --objective retrieval --loss arcface. "
        "docs/recommend.md explains each line of the answer, and the names of the baselines.",
    )
    parser.add_argument(
        "dataset",
        metavar="DATASET",
        help="a name (`sweeper data list`), an image folder, a CSV of paths and labels, or an .npz",
    )
    parser.add_argument("--objective", metavar="NAME", help=listed(OBJECTIVES, DEFAULT_OBJECTIVE))
    parser.add_argument(
        "--loss",
        type=loss_names,
        metavar="NAME",
        help=listed(
            (
                *(name for name, info in repository_losses().items() if info.margins),
                f"{ANY_LOSS}, which compares them",
            ),
            DEFAULT_LOSS,
        ),
    )
    parser.add_argument(
        "--beside",
        type=loss_names,
        metavar="TERM",
        help=f"a term beside the loss, with its λ recommended: {listed(repository_terms())}; "
        "separate several with commas",
    )
    _add_plan(parser)
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="write a figure of the predictions to FILE, as HTML"
    )
    parser.add_argument(
        "--try",
        dest="tried",
        action="store_true",
        help="train the recommendation, the defaults and plain softmax, and compare them on test "
        "data",
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    """Add how the user trains."""
    plan = parser.add_argument_group(
        "how you will train", "What is not given is what `sweeper run` would do; the answer says."
    )
    plan.add_argument("--net", metavar="NAME", help="the net")
    plan.add_argument(
        "--start",
        choices=("scratch", "tuned", "frozen"),
        help="random weights, pretrained ones that are tuned, or a head on features of frozen ones",
    )
    plan.add_argument("--epochs", type=positive, metavar="N", help="epochs")
    plan.add_argument("--batch-size", type=positive, metavar="N", help="images per step")
    plan.add_argument(
        "--lr", type=rate, metavar="X", help="learning rate of Adam; else one is recommended"
    )
    plan.add_argument("--embedding", type=positive, metavar="N", help="dimensions of the embedding")


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper.console import before_training, say
    from sweeper.files import html_path

    if options.plot is not None:
        html_path(options.plot)  # before anything is looked at
    with before_training():
        advice = _advise(options)
    if options.plot is not None:
        from sweeper.report.figures.prediction import prediction_figure, write_figure

        write_figure(prediction_figure(advice.recommendation), options.plot)
        say(f"figure: {options.plot}")
    print(advice.recommendation.to_json() if options.format == "json" else advice.recommendation)
    return _try(options, advice) if options.tried else 0


def _advise(options: argparse.Namespace) -> "Advice":
    from sweeper.commands.known_database import known_database
    from sweeper.console import preparing
    from sweeper.repository.given_plan import Given
    from sweeper.study.advice import advise, asked_search

    given = Given(
        net=options.net,
        start=options.start,
        epochs=options.epochs,
        batch_size=options.batch_size,
        lr=options.lr,
        embedding=options.embedding,
    )
    # Bad usage is refused before data are read: `advise` would find it, too.
    asked_search(options.dataset, options.objective, options.loss, options.beside, given)
    with (
        known_database(options, may_lack=options.tried) as database,
        preparing(f"reading {options.dataset}, and comparing it with what is known"),
    ):
        return advise(
            options.dataset,
            database,
            objective=options.objective,
            loss=options.loss,
            beside=options.beside,
            given=given,
            to_try=options.tried,
        )


def _try(options: argparse.Namespace, advice: "Advice") -> int:
    """Train the recommendation and the baselines as an experiment, and compare them."""
    from sweeper.console import say
    from sweeper.launch.run_study import run_study
    from sweeper.launch.signals import StopSignals
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.report.recommendation_trial import print_tried
    from sweeper.report.study import introduction
    from sweeper.report.study_results import StudyResults
    from sweeper.store import open_database
    from sweeper.study.open_study import create_or_resume
    from sweeper.study.recommendation_trial import comparison_experiment
    from sweeper.study.task import Task

    quiet_optuna()
    with StopSignals() as signals, open_database(options.storage, create=True) as database:
        opened, new = create_or_resume(database, Task.load(comparison_experiment(advice)))
        say(introduction(opened, new))
        status = run_study(opened, signals, options.storage)
        if options.format == "table":
            print()
            print_tried(advice.recommendation, StudyResults.load(database, opened.stored))
        name = shlex.quote(opened.now().stored.name)
        say(f"details: sweeper results {name}{storage_hint(options)}")
        return status
