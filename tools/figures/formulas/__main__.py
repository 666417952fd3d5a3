"""Draws figures of formulas, and fills the tables of their pages.

``python -m tools.figures.formulas`` writes docs/figures/formulas, and the tables of
docs/results/decision-margins.md and docs/results/sigma2r-surface.md.
"""

import matplotlib

from tools.figures.formulas.pages import FIGURES, FOLDER, PAGES
from tools.figures.losses.files import save
from tools.pages import fill


def main() -> None:
    """Write everything."""
    matplotlib.use("Agg")
    for name, draw in FIGURES.items():
        print(save(draw, FOLDER / f"{name}.svg"))
    for page, contents in PAGES.items():
        fill(page, {name: make() for name, make in contents.items()})
        print(page)


if __name__ == "__main__":
    main()
