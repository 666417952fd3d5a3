"""``sweeper repository``: exports results, or imports somebody else's."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "repository",
        help="export your results, or import somebody else's",
        description="Shares the results of searches, without any images.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser(
        "export",
        help="write all results to one file",
        description="Writes the validation results of all searches in the database, the "
        "meta-features of their data sets, and everything imported before, to one file. The file "
        "contains no images and no class names, and only the last component of paths.",
    )
    export.add_argument("file", metavar="FILE", help="a file, which is replaced if it exists")
    add_storage(export)
    export.set_defaults(execute=execute_export)
    importing = actions.add_parser(
        "import",
        help="add somebody else's results",
        description="Validates every value in a file written by `sweeper repository export` and "
        "stores it in the database, where recommendations learn from it. A file with any invalid "
        "value is rejected as a whole.",
    )
    importing.add_argument("file", metavar="FILE", help="an exported file")
    add_storage(importing)
    importing.set_defaults(execute=execute_import)


def execute_export(options: argparse.Namespace) -> None:
    """Run ``sweeper repository export``."""
    from pathlib import Path

    from sweeper.console import count, say
    from sweeper.errors import SweeperError
    from sweeper.repository import files, sources
    from sweeper.repository.meta_features.measure import DESCRIPTIONS
    from sweeper.store import open_database

    with open_database(options.storage) as database:
        repository = sources.database_results(database)
        if not len(repository.tasks):
            raise SweeperError(
                f"{database.name}: no search results yet; start a search with `sweeper run`"
            )
    files.export(repository, Path(options.file), sources.origin(), DESCRIPTIONS)
    size = f"{count(len(repository.tasks), 'task')}, {count(len(repository.results), 'result')}"
    say(f"{options.file}: {size}")


def execute_import(options: argparse.Namespace) -> None:
    """Run ``sweeper repository import``."""
    from pathlib import Path

    from sweeper.console import say
    from sweeper.repository.sources import import_file
    from sweeper.store import open_database

    with open_database(options.storage, create=True) as database:
        new = import_file(database, Path(options.file))
        outcome = "imported" if new else "already imported"
        say(f"{options.file}: {outcome}; `sweeper fit` shows its effect")
