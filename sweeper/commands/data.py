"""``sweeper data``: lists the named data sets, or checks one."""

import argparse

from sweeper.errors import SweeperError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "data", help="list data sets or check one", description="Lists data sets or checks one."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list", help="list the named data sets", description="Lists the named data sets."
    )
    listing.set_defaults(execute=execute_list)
    check = actions.add_parser(
        "check",
        help="load a data set and show its contents",
        description="Loads a data set and shows its classes, its splits and its fingerprint. A "
        "subset is given in brackets after the name: classes=0-4 or classes=cat+dog, "
        "per_class=500, noise=0.1, "
        "imbalance=10, seed=0; for files also size=32, broken=skip; for glyphs also script=thai, "
        "fonts=DIR, size=32.",
    )
    check.add_argument(
        "dataset", metavar="DATASET", help="a name, an image folder, a .csv or an .npz"
    )
    check.add_argument(
        "--plot", metavar="FILE", help="write a contact sheet of each class, as .png or .html"
    )
    check.set_defaults(execute=execute_check)


def execute_list(options: argparse.Namespace) -> None:
    """Run ``sweeper data list``."""
    from sweeper.report.datasets import print_names

    print_names()


def execute_check(options: argparse.Namespace) -> None:
    """Run ``sweeper data check``.

    Raises:
        SweeperError: no search can be made of the data.
    """
    from pathlib import Path

    from sweeper import data
    from sweeper.console import say
    from sweeper.report.contact_sheet import write_contact_sheet
    from sweeper.report.datasets import print_description

    dataset = data.load(options.dataset)
    if options.plot:  # first, so that it is there even if a reader such as `head` goes away
        write_contact_sheet(dataset, Path(options.plot))
        say(f"contact sheet: {options.plot}")
    description = data.describe(dataset)
    print_description(description)
    # Last, so that what is above it is seen: a note may name the cause.
    if isinstance(description.split, str) and isinstance(description.retrieval, str):
        raise SweeperError(description.split)
