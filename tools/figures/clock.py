"""Draws the clock of docs/results/search.md and fills its tables, from ``sweeper bench``.

    sweeper bench --to-answer --format json > docs/results/clock.json
    python -m tools.figures.clock

The figure is written as PNG and as SVG into ``docs/figures/clock``.
"""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from sweeper.bench.answer.clock import COLD, METHODS, OURS, PROCESSES, USUAL, WITHIN, Answer
from sweeper.bench.answer.outcome import HEADER, Outcome
from sweeper.repository.surrogates.coordinates import FloatArray
from tools.figures.atlas import BLUE, GRAY, GREEN, RED, STYLE
from tools.pages import fill, markdown

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "docs" / "results" / "clock.json"
PAGE = ROOT / "docs" / "results" / "search.md"
FOLDER = ROOT / "docs" / "figures" / "clock"
COLORS = {USUAL: RED, PROCESSES: GRAY, COLD: GREEN, OURS: BLUE}

#: Points shown at most: what a method is worth before it has found anything.
_MOST = 20.0


def load(path: Path = MEASURED) -> tuple[dict[str, Any], list[Outcome]]:
    """Return the machine, and what came out on each task."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["machine"], [Outcome.from_dict(each) for each in content["tasks"]]


def contents(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return what stands between the page's markers."""
    tables = [
        f"{found.task}:\n\n{markdown(HEADER, found.rows())}\n\n{found.said()}" for found in outcomes
    ]
    return {"clock": "\n\n".join(tables)}


def draw(outcomes: Sequence[Outcome]) -> Figure:
    """Draw how far each method's choice falls short over the seconds since it was started.

    A panel for each task that was searched; the median over runs, and bands between the runs. The
    dots are the moments at which an answer was confirmed, of each run.
    """
    shown = [found for found in outcomes if found.runs[0][0].curve]
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, len(shown), figsize=(3.9 * len(shown), 3.1), squeeze=False, layout="constrained"
        )
        for axis, found in zip(axes[0], shown, strict=True):
            for method in METHODS:
                _draw_method(axis, found.of(method), method)
            axis.axhline(WITHIN, color=GRAY, lw=0.8, ls=":")
            axis.set_xscale("log")
            axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.xaxis.set_minor_locator(NullLocator())
            axis.set_yscale("symlog", linthresh=1.0)
            axis.set_ylim(-1.9, _MOST)
            axis.set_yticks([0, 1, 2, 5, 10, 20], ["0", "1", "2", "5", "10", "20"])
            axis.set_title(found.task)
            axis.set_xlabel("seconds since the start; dots: chosen and confirmed")
        axes[0, 0].set_ylabel("points below the best known")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_method(axis: Axes, answers: Sequence[Answer], method: str) -> None:
    last = max(each.ended for each in answers)
    first = max(each.curve[0][0] for each in answers)
    times = np.geomspace(first, max(last, 1.01 * first), 200)
    regrets = np.array([_regret(each, times) for each in answers])
    color, width = COLORS[method], 2 if method == OURS else 1.2
    axis.plot(times, np.median(regrets, axis=0), color=color, lw=width, label=method)
    axis.fill_between(
        times, regrets.min(axis=0), regrets.max(axis=0), color=color, alpha=0.12, lw=0
    )
    reached = [each.seconds for each in answers if each.reached]
    place = -1.0 - 0.2 * METHODS.index(method)
    axis.plot(reached, [place] * len(reached), "o", color=color, ms=3)
    if reached:
        axis.plot(statistics.median(reached), place, "o", color=color, ms=6)


def _regret(answer: Answer, times: FloatArray) -> FloatArray:
    """Return the regret of what would be chosen at each time."""
    moments, regrets = np.array(answer.curve).T
    found: FloatArray = regrets[np.searchsorted(moments, times, side="right") - 1]
    return found


def main() -> None:
    """Write the figure and fill the tables."""
    _, outcomes = load()
    fill(PAGE, contents(outcomes))
    figure = draw(outcomes)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with plt.rc_context({"svg.hashsalt": "clock", "svg.fonttype": "none"}):
        figure.savefig(FOLDER / "clock.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(FOLDER / "clock.png", dpi=150, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
