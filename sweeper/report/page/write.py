"""Writes the page and all that stands beside it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files as package_files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.report.page.claims.judge import judge
from sweeper.report.page.claims.records import CLAIMS
from sweeper.report.page.claims.table import claims_table
from sweeper.report.page.comparison import (
    comparability,
    comparable_groups,
    losses_table,
    overview_table,
    side_by_side,
)
from sweeper.report.page.files import Files, ShownTable
from sweeper.report.page.provenance import made_now
from sweeper.report.page.reported import Reported
from sweeper.report.page.study_section import study_section
from sweeper.report.page.text_table import TextTable

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _with_code(text: str) -> Markup:
    """Return text with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


_templates.filters["code"] = _with_code

#: The page itself, and the script that draws its figures.
PAGE, SCRIPT = "index.html", "plotly.min.js"


def write_page(studies: Sequence[Reported], folder: Path, command: str) -> Path:
    """Write the page of some studies into a folder, which is made, and return its path.

    Files of the same names are replaced, other files stay.

    Args:
        studies: in the order of the page.
        folder: where to write.
        command: what made it.

    Raises:
        SweeperError: something cannot be written.
    """
    require_folder(folder)
    files = Files({})
    sections = [study_section(study, files) for study in studies]
    together, remarks = _together(studies, files)
    html = _templates.get_template("page.html").render(
        title=", ".join(study.name for study in studies),
        sections=sections,
        claims=_claims(studies, files),
        together=together,
        remarks=remarks,
        made=made_now(command),
        script=SCRIPT,
    )
    script = package_files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    for path, content in {**files.contents, SCRIPT: script, PAGE: html.encode()}.items():
        replace_file(folder / path, content)
    return folder / PAGE


def require_folder(folder: Path) -> None:
    """Refuse to write where a file is.

    Raises:
        SweeperError: it is one.
    """
    if folder.exists() and not folder.is_dir():
        raise SweeperError(f"{folder} is a file; give a folder with -o")


def _claims(studies: Sequence[Reported], files: Files) -> list[ShownTable]:
    """Return the table of the claims that the studies, all together, may decide; or none."""
    by_name = {study.name: study for study in studies}
    judged = [judge(claim, by_name) for claim in CLAIMS if by_name.keys() >= set(claim.studies)]
    return [files.add_table("", claims_table(judged))] if judged else []


def _together(studies: Sequence[Reported], files: Files) -> tuple[list[ShownTable], list[str]]:
    """Return the tables of several studies and what there is to say of them; none of one."""
    if len(studies) < 2:
        return [], []
    tables = [overview_table(studies)]
    tables += [side_by_side(studies)] if any(study.rows for study in studies) else []
    remarks = comparability(studies)
    for number, group in enumerate(comparable_groups(studies), start=1):
        table, missing = losses_table(group)
        remarks += missing
        if table is not None:
            tables.append(_numbered(table, number))
    return [files.add_table("", table) for table in tables], remarks


def _numbered(table: TextTable, number: int) -> TextTable:
    """Return a table under a name that no other group's has."""
    return table if number == 1 else replace(table, name=f"{table.name}-{number}")
