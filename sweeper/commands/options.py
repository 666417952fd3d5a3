"""Options shared by several commands."""

import argparse
import math
import os
from collections.abc import Iterable
from pathlib import Path

from sweeper import logs
from sweeper.default_storage import default_storage
from sweeper.registry.aliases import current_name


def add_storage(parser: argparse.ArgumentParser) -> None:
    """Add ``--storage``."""
    parser.add_argument(
        "--storage",
        metavar="URL",
        default=default_storage(),
        help="database of studies and results: sqlite:///FILE or postgresql://USER@HOST/NAME "
        "(default: $SWEEPER_STORAGE, else sqlite:///sweeper.db)",
    )
    parser.set_defaults(uses_storage=True)


def add_checkpoints(parser: argparse.ArgumentParser) -> None:
    """Add ``--checkpoints``."""
    parser.add_argument(
        "--checkpoints",
        type=_folder,
        metavar="FOLDER",
        default=os.environ.get("SWEEPER_CHECKPOINTS") or None,
        help="folder for checkpoints, shared by all workers (default: $SWEEPER_CHECKPOINTS, else "
        "small checkpoints are stored in the database and larger ones are not saved)",
    )


def add_allow_net(parser: argparse.ArgumentParser) -> None:
    """Add ``--allow-net``."""
    parser.add_argument(
        "--allow-net",
        action="append",
        metavar="MODULE",
        default=[],
        help="a module that the study's net may be imported from, and so run (default: those of "
        "installed packages); may be given several times",
    )


def add_logs(parser: argparse.ArgumentParser, default: logs.Format | None) -> None:
    """Add ``--log-format`` and ``--log-level``.

    Args:
        parser: of a command.
        default: format unless another is given; None to print lines for people.
    """
    without = default or "lines for people"
    parser.add_argument(
        "--log-format",
        choices=logs.FORMATS,
        default=default,
        help="log a line for each event with its time and level, as text or as JSON "
        f"(default: {without})",
    )
    parser.add_argument(
        "--log-level",
        choices=logs.LEVELS,
        default="info",
        help="from which level on events are logged (default: info)",
    )


def listed(names: Iterable[str], default: str | None = None) -> str:
    """Write the names that an option takes, the default first: ``a (default), b or c``."""
    rest = [name for name in names if name != default]
    shown = rest if default is None else [f"{default} (default)", *rest]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def storage_hint(options: argparse.Namespace) -> str:
    """Return the ``--storage`` option that suggested commands need, without the password."""
    if options.storage == default_storage():
        return ""
    from sweeper.store.database.address import option, parse_url

    return option(parse_url(options.storage))


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    return _at_least(1, text)


def rate(text: str) -> float:
    """Read a positive number."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def loss_names(text: str) -> str:
    """Read losses or terms, several between commas; the spellings of before are understood."""
    return ",".join(current_name(part.strip()) for part in text.split(","))


def natural(text: str) -> int:
    """Read a whole number of at least 0."""
    return _at_least(0, text)


def trials_per_array(text: str) -> int | None:
    """Read ``auto`` or a whole number of at least 1."""
    return None if text == "auto" else positive(text)


def _folder(text: str) -> Path:
    folder = Path(text).expanduser().absolute()
    if not folder.exists():
        raise argparse.ArgumentTypeError(f"{text} does not exist; make it where all workers see it")
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    if not os.access(folder, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} cannot be written to")
    return folder


def _at_least(least: int, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < least:
        raise argparse.ArgumentTypeError(f"{text} is less than {least}")
    return number
