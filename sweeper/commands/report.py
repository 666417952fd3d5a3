"""``sweeper report``: studies as a page with figures and tables."""

import argparse
import shlex
from pathlib import Path

from sweeper.commands.options import add_storage, storage_hint
from sweeper.errors import UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "report",
        help="write studies as a page with figures and tables",
        description="Writes one HTML page that opens without a network: figures, all settings with "
        "their spread over seeds, published figures beside them, comparisons seed by seed with the "
        "difference they could have seen, and how everything was made. Beside it lie each table as "
        "CSV and LaTeX, the data of each figure, and the study files. Several studies stand side "
        "by side. A study may be unfinished.",
    )
    parser.add_argument(
        "study_names", metavar="STUDY_NAME", nargs="+", help="see `sweeper studies`"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        required=True,
        help="folder to write to; it is made, files of the same names in it are replaced",
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command.

    Raises:
        UsageError: there is no such study, or one is named twice.
        SweeperError: something cannot be written.
    """
    from sweeper import store
    from sweeper.files import expand
    from sweeper.report.page.reported import Reported, slugs
    from sweeper.report.page.write import write_page

    names: list[str] = options.study_names
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"study {twice!r} is named twice")
    folder: Path = expand(options.output)
    with store.open_database(options.storage) as database:
        stored = [store.find_study(database, name) for name in names]
        folders = slugs(names)
        studies = [Reported.load(database, study, folders[study.name]) for study in stored]
    command = shlex.join(("sweeper", "report", *names, "-o", options.output))
    print(write_page(studies, folder, command + storage_hint(options)))
