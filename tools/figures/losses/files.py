"""Every figure of docs/losses.md by its name, and how it is written."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from tools.figures.losses.angular_margins import (
    a_softmax,
    arcface,
    combined,
    cosface,
    sphereface,
    warmup,
)
from tools.figures.losses.centers import (
    contrastive_center,
    git,
    soft_nearest_neighbor,
    triplet_center,
)
from tools.figures.losses.pairs import contrastive, triplet
from tools.figures.losses.scales import adacos, scale, softmax, subcenters
from tools.figures.losses.sigma2r import sigma2r

#: Where the page has them.
FOLDER = Path(__file__).parents[3] / "docs" / "figures"
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "grid.color": "#e2e2e2",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.framealpha": 0.9,
    "lines.linewidth": 1.6,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "sweeper",
}
FIGURES: dict[str, Callable[[], Figure]] = {
    "softmax": softmax,
    "scale": scale,
    "sphereface": sphereface,
    "a-softmax": a_softmax,
    "cosface": cosface,
    "arcface": arcface,
    "combined": combined,
    "adacos": adacos,
    "subcenters": subcenters,
    "warmup": warmup,
    "sigma2r": sigma2r,
    "soft-nearest-neighbor": soft_nearest_neighbor,
    "git": git,
    "contrastive-center": contrastive_center,
    "triplet-center": triplet_center,
    "triplet": triplet,
    "contrastive": contrastive,
}


def compact(svg: str) -> str:
    """Return an SVG with its lengths rounded to 0.01 pt, and without comments and indentation."""

    def rounded(attribute: re.Match[str]) -> str:
        text = re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", attribute[0])
        return re.sub(r"\s+", " ", text)

    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(?:d|x|y)="[^"]*"|translate\([^)]*\)', rounded, svg)
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return re.sub(r">\s+<", ">\n<", svg)


def write(name: str, folder: Path, kind: str = "svg") -> Path:
    """Draw one of `FIGURES` into a folder."""
    return save(FIGURES[name], folder / f"{name}.{kind}")


def save(draw: Callable[[], Figure], file: Path) -> Path:
    """Draw a figure into a file, by whose ending it is an SVG or a PNG."""
    kind = file.suffix.removeprefix(".")
    with matplotlib.rc_context(STYLE):
        figure = draw()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else None
        figure.savefig(file, format=kind, metadata=metadata, dpi=130)
        plt.close(figure)
    if kind == "svg":
        file.write_text(compact(file.read_text(encoding="utf-8")), encoding="utf-8")
    return file
