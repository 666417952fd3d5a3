"""Tables on standard output; plain, without line breaks, if it is not a terminal."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

#: Line width in characters if the output is not a terminal.
_WIDE = 500


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print rows under a header, unless it is blank; columns in `numbers` are set to the right."""
    table = Table(box=None, header_style="bold", pad_edge=False, show_header=any(header))
    for name in header:
        table.add_column(name, justify="right" if name in numbers else "left")
    for row in rows:
        table.add_row(*row)
    console = _console()
    if console.is_terminal:
        console.print(table, markup=False)
        return
    with console.capture() as captured:
        console.print(table, markup=False)
    for line in captured.get().splitlines():
        print(line.rstrip())


def print_line(text: str = "") -> None:
    """Print a line that belongs to a table."""
    _console().print(text, style="dim", highlight=False, markup=False)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command line hear of it: a reader that has enough is no failure."""
        raise  # called while the error is handled


def _console() -> Console:
    return _Console() if sys.stdout.isatty() else _Console(width=_WIDE)
