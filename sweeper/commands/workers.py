"""``sweeper workers``: who works at this moment."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "workers",
        help="show who works on the studies",
        description="Shows the workers on all studies of the database: what they train and on "
        "which device, since when, how many epochs of a trial they do a second, and when they were "
        "seen last; while it trains a worker shows itself every minute. One that is lost stays in "
        "the list until another one takes its trials over.",
    )
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: %(default)s)"
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper import store
    from sweeper.report.workers import print_workers, print_workers_json
    from sweeper.store.queue.active_workers import at_work

    with store.open_database(options.storage) as database:
        found = at_work(database)
    (print_workers_json if options.format == "json" else print_workers)(found)
