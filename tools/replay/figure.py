"""The figures of docs/results/search.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import StrMethodFormatter

from tools.figures.atlas import STYLE
from tools.replay.compared import Search
from tools.replay.methods import CMA_ES, COLD, OURS
from tools.replay.tables import curves
from tools.replay.transfer_schedulers import BOX, ZERO_SHOT

FOLDER = Path(__file__).parents[2] / "docs" / "figures" / "replay"

#: What is drawn: the colors of Okabe and Ito, which the color-blind tell apart.
COLORS = {
    "random": "#777777",
    COLD: "#d55e00",
    "Gaussian process": "#e69f00",
    CMA_ES: "#cc79a7",
    ZERO_SHOT: "#56b4e9",
    BOX: "#000000",
    "TPE, shortlist first": "#009e73",
    OURS: "#0072b2",
}


#: Panels beside each other.
COLUMNS = 4


def draw(panels: Mapping[str, Sequence[Search]], path: Path) -> None:
    """Draw regrets, a panel for some searches under each title.

    The bands, of cold TPE and ours, are the standard error over sources, or over the searches of
    one. Where seconds of training were measured, they are the axis.
    """
    with plt.rc_context(STYLE):
        columns = min(len(panels), COLUMNS)
        lines = -(-len(panels) // columns)
        size = (3.4 * columns, 2.8 * lines + 0.5)
        figure, axes = plt.subplots(
            lines, columns, figsize=size, squeeze=False, layout="constrained"
        )
        for axis in axes.flat[len(panels) :]:
            axis.set_axis_off()
        for axis, (title, searches) in zip(axes.flat, panels.items(), strict=False):
            seconds = float(np.mean([each.seconds for each in searches]))
            for method, regret in curves(searches).items():
                if method not in COLORS:
                    continue
                trials = np.arange(1, regret.shape[1] + 1)
                own = [each.asking[: len(trials)] for each in searches if each.method == method]
                place = trials if np.isnan(seconds) else trials * seconds + np.mean(own, axis=0)
                mean = regret.mean(0)
                error = regret.std(0, ddof=1) / len(regret) ** 0.5 if len(regret) > 1 else 0 * mean
                color = COLORS[method]
                axis.plot(place, mean, color=color, lw=2 if method == OURS else 1, label=method)
                if method in (COLD, OURS):
                    axis.fill_between(
                        place, mean - error, mean + error, color=color, alpha=0.15, lw=0
                    )
            axis.axhline(0.0, color="#777777", lw=0.5)
            axis.set_xscale("log")
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_title(title)
            axis.set_xlabel("trials" if np.isnan(seconds) else "seconds, one trial after another")
        for axis in axes[:, 0]:
            axis.set_ylabel("regret, points")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Software": None})
        plt.close(figure)
