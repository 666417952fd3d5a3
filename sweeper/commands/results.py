"""``sweeper results``: shows the results of a study."""

import argparse

from sweeper.commands.options import add_storage, positive
from sweeper.errors import UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "results",
        help="show the results of a study",
        description="Shows the trials of a study, best first, together with plain softmax and the "
        "papers' defaults, each with its spread over seeds, and the published figures if the study "
        "file lists any.",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--limit",
        type=positive,
        metavar="N",
        help="number of trials in the table (default: all complete trials)",
    )
    parser.add_argument(
        "--trial",
        metavar="NUMBER",
        help="show one trial by number, or a control by name: all measures, per-class results and "
        "the confusion matrix",
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command.

    Raises:
        UsageError: both ``--limit`` and ``--trial`` are given, or there is no such study or trial.
    """
    from sweeper import store
    from sweeper.report import results
    from sweeper.report.study_results import StudyResults

    if options.limit is not None and options.trial is not None:
        raise UsageError(
            "--limit applies to the table of all trials and --trial shows only one; use one of them"
        )
    with store.open_database(options.storage) as database:
        outcome = StudyResults.load(database, store.find_study(database, options.study_name))
    if options.trial is not None:
        from sweeper.report import trial

        row = trial.find_row(outcome, options.trial)
        forms = {"csv": trial.print_csv_of, "json": trial.print_json_of}
        forms.get(options.format, trial.print_table_of)(outcome, row)
    elif options.format == "csv":
        results.print_csv(outcome)
    elif options.format == "json":
        results.print_json(outcome)
    else:
        results.print_table(outcome, options.limit)
