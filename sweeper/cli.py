"""The command line. Each command is a module of `sweeper.commands`."""

import argparse
import logging
import os
import platform
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from sweeper import __version__
from sweeper.commands import (
    bench,
    confirm,
    data,
    db,
    fit,
    launch,
    recommend,
    report,
    repository,
    results,
    run,
    serve,
    steering,
    studies,
    worker,
    workers,
)
from sweeper.console import say
from sweeper.errors import SweeperError
from sweeper.streams import OutputError, forget_output, output_errors, prepare_streams

#: In the order in which `--help` lists them: recommend, search, then administration.
_COMMANDS = (
    *(recommend, run, worker, launch, workers, steering, studies, results, report, confirm),
    *(fit, repository, serve, data, db, bench),
)


class _Parser(argparse.ArgumentParser):
    """A parser that reports errors in one line, each command its own, and takes whole names."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    # Typed by how it is called: parse_args of the outermost parser, then once per command.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is left over here, where it is known which command does not take it."""
        options, left = super().parse_known_args(args, namespace)
        if left:
            where = run.where_it_goes(left[0]) if self.prog.endswith(" run") else ""
            hint = where or self._near(left[0])
            self.error(f"unrecognized arguments: {' '.join(left)}{hint}")
        return options, left

    def _near(self, option: str) -> str:
        """Return which option a misspelled one may be."""
        known = [name for action in self._actions for name in action.option_strings]
        near = get_close_matches(option.partition("=")[0], known, n=1, cutoff=0.8)
        return f" (did you mean {near[0]}?)" if near else ""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="sweeper",
        description="Finds good margins and scales for ArcFace, CosFace, SphereFace and their "
        "combination on your data. Recommends them from results on other data sets, searches them "
        "with Optuna while training many trials as one array, and stores every result in a "
        "database.",
    )
    parser.add_argument("--version", action="version", version=f"sweeper {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _calm_threads() -> None:
    """Keep threads from waiting in loops, before NumPy and PyTorch are imported.

    They take the core from the very thread they wait for wherever anything else runs. PyTorch's
    are two to five times slower so, and no faster on a machine that does nothing else. NumPy's, of
    OpenBLAS, do it without a choice, over matrices that one thread is done with in milliseconds.
    On ARM PyTorch multiplies by OpenBLAS as well.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if platform.machine() in ("x86_64", "AMD64"):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 for a failure, 2 for bad usage."""
    _calm_threads()
    prepare_streams()
    options = make_parser().parse_args(arguments)
    try:
        return _guarded(options)
    except SweeperError as error:
        if isinstance(error, OutputError):
            forget_output()
        say(f"sweeper: {error}", logging.ERROR)
        return error.status
    except KeyboardInterrupt as interrupt:
        said = str(interrupt) or "interrupted; no partial results were written"
        say(f"sweeper: {said}")
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        forget_output()
        return 0


def _guarded(options: argparse.Namespace) -> int:
    if not getattr(options, "uses_storage", False):
        return _execute(options)
    from sweeper.store import explain_errors

    with explain_errors():
        return _execute(options)


def _execute(options: argparse.Namespace) -> int:
    with output_errors():
        status = options.execute(options)
        sys.stdout.flush()  # here, where a closed pipe is handled
    return status or 0
