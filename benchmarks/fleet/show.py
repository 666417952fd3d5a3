"""The tables in the terminal, and in docs/scale.md."""

import textwrap
from pathlib import Path
from typing import Any

from benchmarks.fleet.tables import (
    DRIVEN_HEAD,
    TRIALS_HEAD,
    driven_rows,
    markdown,
    saturation,
    trial_rows,
)
from benchmarks.fleet.thousand import THOUSAND_HEAD, thousand_rows
from sweeper.report.tables import print_line, print_table

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
#: Characters a line of the page.
WIDTH = 110


def about(figures: dict[str, Any]) -> str:
    """Return machine and server in a line."""
    parts = {**figures["machine"], **figures["postgresql"]}
    where = "the same machine" if parts.pop("here") else "another machine"
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts.items())
    return f"{told}; the server on {where}"


def fill(text: str, figures: dict[str, Any]) -> str:
    """Return a page with the tables between its markers replaced."""
    tables = {
        "fleet: machine": textwrap.fill(about(figures), WIDTH, break_on_hyphens=False),
        "fleet: trials": markdown(TRIALS_HEAD, trial_rows(figures)),
        "fleet: driven": markdown(DRIVEN_HEAD, driven_rows(figures)),
        "fleet: thousand": markdown(THOUSAND_HEAD, thousand_rows(figures)),
        "fleet: saturation": "\n".join(f"- {line}." for line in saturation(figures)),
    }
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"
    return text


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    print_line(about(figures))
    for header, rows in (
        (TRIALS_HEAD, trial_rows(figures)),
        (DRIVEN_HEAD, driven_rows(figures)),
        (THOUSAND_HEAD, thousand_rows(figures)),
    ):
        print_line()
        print_table(header, rows, header[1:])
    print_line()
    for line in saturation(figures):
        print_line(line)
    for one in figures["lines"]:
        for failure, count in one.get("failures", {}).items():
            print_line(f"{one['study']}, {one['workers']} workers: {count} times {failure}")
