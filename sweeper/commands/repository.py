"""``sweeper repository``: exports results; imports somebody else's, lists and removes them."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "repository",
        help="export your results; import, list and remove somebody else's",
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
    listing = actions.add_parser(
        "list",
        help="list what was imported",
        description="Lists the files that were imported into the database, the first one first.",
    )
    add_storage(listing)
    listing.set_defaults(execute=execute_list)
    remove = actions.add_parser(
        "remove",
        help="take an imported file out again",
        description="Takes the results of an imported file out of the database; recommendations "
        "forget them. Your own searches and what ships with sweeper stay.",
    )
    remove.add_argument(
        "name", metavar="NAME", help="the file's name or the beginning of its digest, see `list`"
    )
    remove.add_argument("--yes", action="store_true", help="take it out, for good")
    add_storage(remove)
    remove.set_defaults(execute=execute_remove)


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


def execute_list(options: argparse.Namespace) -> None:
    """Run ``sweeper repository list``."""
    from sweeper.console import say
    from sweeper.report.tables import print_table
    from sweeper.repository.imports import imported_files
    from sweeper.store import open_database

    with open_database(options.storage) as database:
        files = imported_files(database)
        if not files:
            say(f"{database.name}: nothing was imported; `sweeper repository import FILE` does")
            return
    print_table(
        ("file", "digest", "imported", "holds"),
        [
            (each.name, each.short_digest, f"{each.imported:%Y-%m-%d %H:%M}", each.holds)
            for each in files
        ],
    )


def execute_remove(options: argparse.Namespace) -> None:
    """Run ``sweeper repository remove``.

    Raises:
        UsageError: no file, or more than one, goes by this name; or it lacks ``--yes``.
    """
    from sweeper.console import say
    from sweeper.errors import UsageError
    from sweeper.repository.imports import find_imported
    from sweeper.store import open_database, remove_repository

    with open_database(options.storage) as database:
        found = find_imported(database, options.name)
        if not options.yes:
            raise UsageError(
                f"this would take {found.name} ({found.short_digest}, {found.holds}) out of what "
                "recommendations learn from: add --yes if that is meant"
            )
        remove_repository(database, found.digest)
    say(f"{found.name} is taken out, with {found.holds}")
