"""Pages of docs/ with tables that programs write between their markers."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    lines.insert(1, "|" + " --- |" * len(header))
    return "\n".join(lines)


def fill(page: Path, contents: Mapping[str, str]) -> None:
    """Replace what stands between a page's markers.

    Args:
        page: with ``<!-- NAME -->`` before and ``<!-- end of NAME -->`` after each content.
        contents: what to put there, by name.
    """
    text = page.read_text(encoding="utf-8")
    for name, content in contents.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"
    page.write_text(text, encoding="utf-8")
