"""Judges what the sources of the built-in experiments claim, and fills the page of it.

``python -m tools.sources URL`` reads the studies of a database, as far as they are trained, and
writes docs/results/sources.md and docs/results/sources/claims.csv. The studies are trained by
`sweeper run NAME --storage URL`; the page has their names.
"""

import argparse
import sys
from pathlib import Path

from sweeper import store
from sweeper.console import count
from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.report.page.claims.judge import Judged, judge
from sweeper.report.page.claims.records import CLAIMS
from sweeper.report.page.claims.table import claims_table
from sweeper.report.page.claims.verdict import words
from sweeper.report.page.published_tables import published_figures, published_page_table
from sweeper.report.page.reported import Reported, slugs
from sweeper.report.page.text_table import TextTable
from sweeper.store import Database, list_studies
from sweeper.study.resolve import builtin_study
from tools.pages import fill, markdown

PAGE = Path(__file__).parents[1] / "docs" / "results" / "sources.md"

#: Columns of the claims that a page in Markdown has room for.
_SHOWN = ("place", "claim", "verdict", "why", "difference", "p", "seeds", "remarks")


def load(database: Database) -> dict[str, Reported]:
    """Return the studies that claims need or that stand beside published figures, by name."""
    wanted = set(needed())
    stored = [line.study for line in list_studies(database) if line.study.name in wanted]
    folders = slugs(study.name for study in stored)
    return {study.name: Reported.load(database, study, folders[study.name]) for study in stored}


def needed() -> list[str]:
    """Return the names of the studies that any claim needs, in the order of the claims."""
    return list(dict.fromkeys(name for claim in CLAIMS for name in claim.studies))


def contents(studies: dict[str, Reported]) -> dict[str, str]:
    """Return what stands between the markers of the page."""
    judged = [judge(claim, studies) for claim in CLAIMS]
    return {
        "summary": f"{count(len(judged), 'claim')}: {words([each.verdict for each in judged])}.",
        "studies": _studies(studies),
        "claims": _claims(judged),
        "published": _published(studies),
    }


def _studies(studies: dict[str, Reported]) -> str:
    rows = []
    for name in needed():
        spec = studies[name].spec if name in studies else builtin_study(name)
        progress = studies[name].progress if name in studies else "not run"
        plan = (spec.dataset, spec.net, str(spec.embedding), str(spec.epochs), str(spec.seeds))
        rows.append((f"`{name}`", *plan, progress))
    return markdown(("study", "data", "net", "embedding", "epochs", "seeds", "progress"), rows)


def _claims(judged: list[Judged]) -> str:
    parts = []
    for source in dict.fromkeys(each.claim.source for each in judged):
        table = claims_table([each for each in judged if each.claim.source == source])
        shown = [[row[table.header.index(name)] for name in _SHOWN] for row in table.rows]
        parts.append(f"### {source}\n\n{markdown(_SHOWN, shown)}")
    return "\n\n".join(parts)


def _published(studies: dict[str, Reported]) -> str:
    parts = []
    for name, study in studies.items():
        entries, _ = published_figures(study)
        if entries:
            table = published_page_table(entries)
            parts.append(f"### {name}\n\n{_whole(table)}\n\n{' '.join(table.notes)}")
    return "\n\n".join(parts) or "No study with published figures is run yet."


def _whole(table: TextTable) -> str:
    return markdown(table.header, table.rows)


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.sources",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("storage", metavar="URL")
    arguments = parser.parse_args()
    try:
        with store.open_database(arguments.storage) as database:
            studies = load(database)
        fill(PAGE, contents(studies))
        judged = [judge(claim, studies) for claim in CLAIMS]
        csv = PAGE.with_suffix("") / "claims.csv"
        replace_file(csv, claims_table(judged).to_csv().encode())
    except SweeperError as error:
        print(f"python -m tools.sources: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
