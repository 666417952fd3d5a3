"""A table of a page: as text for HTML and LaTeX, as numbers for CSV."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from sweeper.csv_cells import safe_cell

#: What pdfTeX has no glyph for in text, or reads as something else.
_LATEX: dict[str, str | int | None] = {
    "±": r"$\pm$",
    "−": r"$-$",
    "–": "--",
    "λ": r"$\lambda$",
    "σ": r"$\sigma$",
    "θ": r"$\theta$",
    "²": r"$^2$",
    "·": r"$\cdot$",
    "×": r"$\times$",
}


def csv_of(frame: pd.DataFrame) -> str:
    """Return a frame as CSV that a spreadsheet opens safely."""
    text: str = frame.map(safe_cell).to_csv(index=False, lineterminator="\n")
    return text


def _with_minus(cell: str) -> str:
    """Return text with minus signs before its negative numbers, where there were hyphens."""
    return re.sub(r"(?<![\w.-])-(?=[\d.])", "−", cell)


@dataclass(frozen=True)
class TextTable:
    """A table.

    Attributes:
        name: of its files, without an ending.
        title: above it.
        header: of its columns.
        rows: of text; a cell is empty where there is nothing.
        numbers: which columns are set to the right.
        frame: the same as numbers, in full and with full precision.
        notes: what is to be said below it.
        hidden: how many rows of the frame are not among the shown ones.
    """

    name: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[str]
    frame: pd.DataFrame
    notes: Sequence[str] = field(default=())
    hidden: int = 0

    def to_csv(self) -> str:
        """Return the frame as CSV."""
        return csv_of(self.frame)

    def to_latex(self) -> str:
        """Return the rows as a LaTeX table, for ``\\input``; it needs the package booktabs."""
        columns = "".join("r" if name in self.numbers else "l" for name in self.header)
        rows = [[_with_minus(cell) for cell in row] for row in self.rows]
        shown = pd.DataFrame(rows, columns=list(self.header))
        text: str = shown.to_latex(index=False, escape=True, column_format=columns)
        return text.translate(str.maketrans(_LATEX))
