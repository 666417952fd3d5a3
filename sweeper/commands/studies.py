"""``sweeper studies``: lists the studies in the database and the built-in studies."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "studies",
        help="list the studies in the database and the built-in studies",
        description="Lists the studies in the database with their progress and best results, then "
        "the built-in study files.",
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper import store
    from sweeper.console import say
    from sweeper.errors import SweeperError
    from sweeper.report.studies import print_builtin, print_stored

    try:
        with store.open_database(options.storage) as database:
            print_stored(database)
    except SweeperError as error:
        if not isinstance(error, store.NoDatabaseError):
            raise
        say(f"{error}")
    print_builtin()
