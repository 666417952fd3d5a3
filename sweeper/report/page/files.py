"""The files of a page: figures, tables and their data, each under its own name."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from sweeper.report.page.text_table import TextTable, csv_of


@dataclass(frozen=True)
class ShownFigure:
    """A figure of the page.

    Attributes:
        key: its id in the page.
        title: above it.
        caption: what is drawn.
        content: as JSON that may stand in a page.
        data: the file with what is drawn, from the page's folder.
        height: in pixels.
    """

    key: str
    title: str
    caption: str
    content: Markup
    data: str
    height: int

    @classmethod
    def of(cls, key: str, figure: go.Figure, data: str) -> "ShownFigure":
        """Return a figure; its title goes to the page."""
        title = figure.layout.title
        words, caption = (title.text or "").removeprefix("<b>").removesuffix("</b>"), ""
        if title.subtitle.text:
            caption = title.subtitle.text.replace("<br>", " ")
        height = figure.layout.height or 460
        figure.update_layout(title=None, margin_t=30, height=height)
        # Nothing in it ends the element early.
        content = Markup(figure.to_json().replace("<", "\\u003c"))
        return cls(
            key,
            str(Markup(words).unescape()),
            str(Markup(caption).unescape()),
            content,
            data,
            height,
        )


@dataclass(frozen=True)
class ShownTable:
    """A table of the page, and its files from the page's folder."""

    table: TextTable
    csv: str
    latex: str


@dataclass
class Files:
    """What is written, by its path from the page's folder."""

    contents: dict[str, bytes]

    def add_table(self, folder: str, table: TextTable) -> ShownTable:
        """Add a table as CSV and LaTeX."""
        csv, latex = (f"{folder}{table.name}.{ending}" for ending in ("csv", "tex"))
        self.contents[csv] = table.to_csv().encode()
        self.contents[latex] = table.to_latex().encode()
        return ShownTable(table, csv, latex)

    def add_frame(self, path: str, frame: pd.DataFrame) -> str:
        """Add a frame as CSV and return its path."""
        self.contents[path] = csv_of(frame).encode()
        return path
