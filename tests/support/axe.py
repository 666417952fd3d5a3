"""The automatic check of pages by axe-core, which comes with axe-playwright-python."""

from typing import Any

#: The rules of WCAG 2.2 at levels A and AA, and what axe-core's authors recommend beyond.
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")


def faults(page: Any) -> list[str]:
    """Return what is wrong with a page as it is shown now, a line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(_RULES)}}
    return [
        f"{page.url}: {found['id']}: {node['html']} {node['failureSummary']}"
        for found in Axe().run(page, options=options).response["violations"]
        for node in found["nodes"]
    ]
