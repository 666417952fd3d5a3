"""Options that several commands have."""

import argparse
import os


def add_storage(parser: argparse.ArgumentParser) -> None:
    """Add ``--storage``."""
    parser.add_argument(
        "--storage",
        metavar="URL",
        default=os.environ.get("SWEEPER_STORAGE", "sqlite:///sweeper.db"),
        help="database of studies and results: sqlite:///FILE or postgresql://USER@HOST/NAME "
        "(default: $SWEEPER_STORAGE, else sqlite:///sweeper.db)",
    )
    parser.set_defaults(uses_storage=True)


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def natural(text: str) -> int:
    """Read a whole number of at least 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def trials_an_array(text: str) -> int | None:
    """Read ``auto`` or a whole number of at least 1."""
    return None if text == "auto" else positive(text)
