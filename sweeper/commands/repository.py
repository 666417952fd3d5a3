"""``sweeper repository``: sharing what was measured."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "repository",
        help="share what was measured: export it, or import somebody else's",
        description="Shares what the searches of a database measured, without images.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser(
        "export",
        help="write what was measured into one file",
        description="Writes what the searches of a database measured on validation data, with the "
        "meta-features of their data sets, and what was imported there, into one file. It holds no "
        "images and no class names; of paths the last name alone.",
    )
    export.add_argument("file", metavar="FILE", help="a file, which is replaced if it exists")
    add_storage(export)
    export.set_defaults(execute=execute_export)
    bring = actions.add_parser(
        "import",
        help="add what somebody else measured",
        description="Checks every value of a file that `sweeper repository export` wrote, and "
        "keeps it in the database, where recommendations learn from it. A file with any fault is "
        "refused whole.",
    )
    bring.add_argument("file", metavar="FILE", help="a file that was exported")
    add_storage(bring)
    bring.set_defaults(execute=execute_import)


def execute_export(options: argparse.Namespace) -> None:
    """Run ``sweeper repository export``."""
    from pathlib import Path

    from sweeper.console import count, say
    from sweeper.errors import SweeperError
    from sweeper.repository import files, sources
    from sweeper.repository.meta_features.measure import DESCRIPTIONS
    from sweeper.store import open_database

    with open_database(options.storage) as database:
        repository = sources.measured_here(database)
        if not len(repository.tasks):
            raise SweeperError(
                f"{database.name}: no search has measured anything yet; `sweeper run` makes one"
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
        said = "imported" if new else "was there already"
        say(f"{options.file}: {said}; `sweeper fit` shows what it changes")
