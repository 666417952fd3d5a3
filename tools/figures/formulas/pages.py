"""What is drawn and written, and where."""

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from tools.figures.formulas import decision_margins, sigma2r_surface

_DOCS = Path(__file__).parents[3] / "docs"
FOLDER = _DOCS / "figures" / "formulas"

FIGURES: Mapping[str, Callable[[], Figure]] = {
    "decision-margins": decision_margins.figure,
    "sigma2r-surface": sigma2r_surface.figure,
}

#: The tables of each page by the names of their markers.
PAGES: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    _DOCS / "results" / "decision-margins.md": {
        "widths": decision_margins.widths,
        "issues": decision_margins.issues,
    },
    _DOCS / "results" / "sigma2r-surface.md": {"inflections": sigma2r_surface.table},
}
