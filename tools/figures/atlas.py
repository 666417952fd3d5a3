"""Draws the figures of docs/results/atlas.md and has its tables filled, from db/repository.

``python -m tools.figures.atlas`` writes figures into ``docs/figures/atlas``, and what the tables
module makes between the page's markers, so that no figure and no table can differ from the data.
"""

import argparse
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository import files
from sweeper.repository.baselines import cosface_scale, fixed_adacos_scale
from sweeper.repository.gains import gains
from sweeper.repository.records import Repository
from sweeper.repository.sources import shipped_folder
from sweeper.repository.surrogates.coordinates import FloatArray
from tools.atlas import findings
from tools.atlas.write import committed
from tools.figures.atlas_tables import NAMES, tables, unit
from tools.pages import fill

PAGE = Path(__file__).parents[2] / "docs" / "results" / "atlas.md"
BLUE, RED, GREEN, GRAY = "#0072b2", "#d55e00", "#009e73", "#777777"
OF_GROUP = dict(zip(findings.GROUPS, (BLUE, GREEN, RED), strict=True))
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "legend.fontsize": 7.5,
    "savefig.facecolor": "white",
}
#: The learning rate of every task; some have a second one.
USUAL_RATE = 1e-3
#: The angle at which margins of different kinds are compared: 60 degrees.
THETA = math.pi / 3
#: Gains are drawn on an axis that is linear up to here and logarithmic beyond.
LINEAR = {"accuracy": 5.0, "retrieval": 5.0, "compactness": 0.5}
#: What is written on such an axis, on both sides of 0.
TICKS = {"accuracy": (2.5, 5, 20, 80), "retrieval": (2.5, 5, 20, 80), "compactness": (0.25, 0.5, 2)}


def symmetric(ax: Axes, which: str, objective: str) -> None:
    """Let an axis be linear around 0 and logarithmic beyond."""
    ticks = [*(-tick for tick in reversed(TICKS[objective])), 0, *TICKS[objective]]
    axis = ax.xaxis if which == "x" else ax.yaxis
    set_scale = ax.set_xscale if which == "x" else ax.set_yscale
    set_scale("symlog", linthresh=LINEAR[objective])
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def lowered(m1: FloatArray, m2: FloatArray, m3: FloatArray) -> FloatArray:
    """Return by how much margins lower the target's cosine at `THETA`."""
    cosine: FloatArray = np.cos(m1 * THETA + m2) - m3
    return math.cos(THETA) - cosine


def short(task: str, batch_size: int, embedding: int) -> str:
    """Return a task as a title: its data set; subset, batch and dimensions; net and budget."""
    name = task.rsplit(" #", 1)[0]
    dataset, bracket, rest = name.partition("]")
    if not bracket:
        dataset, _, rest = name.partition(",")
    dataset, bracket, subset = dataset.partition("[")
    rest = rest.lstrip(", ").replace(", classes held out", ", held out")
    whole = f"{subset}; " if subset else ""
    return f"{dataset}\n{whole}batch {batch_size}, {embedding} dim.\n{rest}"


def responses(known: Repository, objective: str) -> Figure:
    """Draw, for each task, the gain over plain softmax over the scale; color is the margin."""
    factor, name = unit(objective)
    table = gains(known.objective(objective), objective)
    table = table[table["loss"] != "softmax"]
    tasks = sorted(table["task"].unique())
    columns = 6
    rows = -(-len(tasks) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(13, 1.8 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    image = None
    plans = known.tasks.set_index("id")[["batch_size", "embedding"]]
    for ax, task in zip(axes.flat, tasks, strict=False):
        own = table[table["task"] == task]
        for rate, part in own.groupby("lr"):
            usual = rate == USUAL_RATE
            image = ax.scatter(
                part["scale"],
                factor * part["gain"],
                c=lowered(*(part[m].to_numpy() for m in ("m1", "m2", "m3"))),
                cmap="coolwarm",
                vmin=-1,
                vmax=1,
                s=9 if usual else 11,
                marker="o" if usual else "^",
                linewidths=0.2,
                edgecolors="white",
                zorder=3,
            )
            bare = part[(part["m1"] == 1) & (part["m2"] == 0) & (part["m3"] == 0)]
            line = bare.sort_values("scale")
            ax.errorbar(
                line["scale"],
                factor * line["gain"],
                factor * line["se"],
                color="#222222",
                lw=1,
                ls="-" if usual else "--",
            )
        ax.axhline(0, color=GRAY, lw=0.8, ls=":")
        symmetric(ax, "y", objective)
        ax.set_xscale("log", base=2)
        ax.set_xticks([2, 8, 32, 128], ["2", "8", "32", "128"])
        ax.set_title(short(task, *plans.loc[task]), fontsize=5.8)
    for ax in axes.flat[len(tasks) :]:
        ax.axis("off")
    figure.supxlabel("scale s")
    figure.supylabel(f"gain over plain softmax, {name}")
    if image is not None:
        figure.colorbar(
            image, ax=axes, shrink=0.25, label="how far the margins lower cos θ at 60°", pad=0.01
        )
    return figure


def per_objective(draw: Callable[[Axes, str], None], height: float, width: float = 13) -> Figure:
    """Return a figure with a panel for each objective."""
    figure, axes = plt.subplots(
        1, len(OBJECTIVES), figsize=(width, height), layout="constrained", squeeze=False
    )
    for ax, objective in zip(axes.flat, OBJECTIVES, strict=True):
        draw(ax, objective)
        ax.set_title(objective)
    return figure


def with_legend_below(figure: Figure) -> Figure:
    """Return a figure with the first panel's legend below all panels, where it hides nothing."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def margins(known: Repository) -> Figure:
    """Draw what each margin does beside none, a dot a task, and the mean over sources."""

    def draw(ax: Axes, objective: str) -> None:
        factor, name = unit(objective)
        effects = findings.margin_effects(known.objective(objective), objective)
        spread = np.random.default_rng(0)
        for y, step in enumerate(reversed(findings.STEPS)):
            own = effects[effects["step"] == step]
            for group, color in OF_GROUP.items():
                part = own[own["classes"] == group]
                at = y + 0.5 * (spread.random(len(part)) - 0.5)
                sure = (part["verdict"] != "–").to_numpy()
                values = factor * part["effect"].to_numpy()
                ax.scatter(
                    values[~sure], at[~sure], s=9, facecolors="none", edgecolors=color, lw=0.7
                )
                ax.scatter(values[sure], at[sure], s=11, color=color)
            mean, se = findings.over_sources(own, "effect")
            ax.errorbar(
                factor * mean, y, xerr=2 * factor * se, color="black", fmt="D", ms=4, capsize=3
            )
        ax.axvline(0, color=GRAY, lw=0.8)
        ax.set_yticks(range(len(findings.STEPS)), list(reversed(findings.STEPS)))
        symmetric(ax, "x", objective)
        ax.set_xlabel(f"effect, {name}")

    figure = per_objective(draw, 5)
    handles = [
        Line2D([], [], color=color, marker="o", ls="", label=f"{group} classes")
        for group, color in OF_GROUP.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure


def scales(known: Repository) -> Figure:
    """Draw the best scale without margins over the number of classes, and the formulas."""

    def draw(ax: Axes, objective: str) -> None:
        best = findings.best_scales(known.objective(objective), objective)
        jitter = np.exp(0.05 * np.random.default_rng(0).standard_normal(len(best)))
        x = best["num_classes"] * jitter
        bars = [best["best"] - best["low"], best["high"] - best["best"]]
        ax.errorbar(x, best["best"], bars, fmt="o", ms=3, lw=0.6, color=BLUE, alpha=0.7)
        counts = np.unique(np.geomspace(2, best["num_classes"].max(), 50).round())
        adacos = [fixed_adacos_scale(int(c)) for c in counts]
        ax.plot(counts, adacos, color=RED, label="AdaCos, fixed")
        bound = [max(0.5, cosface_scale(int(c), 0.999)) for c in counts]
        ax.plot(counts, bound, color=GREEN, label="CosFace's bound, P = 0.999")
        ax.set_xscale("log")
        ax.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
        ax.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        ax.set_yscale("log", base=2)
        ax.set_yticks([2, 4, 8, 16, 32, 64, 128], ["2", "4", "8", "16", "32", "64", "128"])
        ax.set_xlabel("classes trained on")
        ax.set_ylabel("best scale of normalized softmax")

    return with_legend_below(per_objective(draw, 3.6))


def shares(known: Repository) -> Figure:
    """Draw where the variance of each task's runs comes from."""

    def draw(ax: Axes, objective: str) -> None:
        table = findings.variance_shares(known.objective(objective), objective)
        table = table.sort_values(["num_classes", "task"], ignore_index=True)
        below = np.zeros(len(table))
        for part, color in (("scale", BLUE), ("margins", RED), ("seed", "#c9c9c9")):
            ax.bar(table.index, table[part], bottom=below, width=1, color=color)
            below += table[part].to_numpy()
        ax.set_xlabel("tasks, by classes trained on")
        ax.set_ylabel("share of variance")
        ax.set_xlim(-0.5, len(table) - 0.5)
        ax.grid(visible=False)

    figure = per_objective(draw, 3)
    handles = [
        Line2D([], [], color=color, marker="s", ls="", label=part)
        for part, color in (("scale", BLUE), ("margins", RED), ("seed", "#c9c9c9"))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure


def terms(table: pd.DataFrame, known: Repository) -> Figure:
    """Draw what center and σ²R loss gain over their weight."""
    gained = findings.term_gains(table, OBJECTIVES).merge(findings.about(known), on="task")

    def draw(ax: Axes, objective: str) -> None:
        factor, name = unit(objective)
        own = gained[(gained["objective"] == objective) & (gained["lambda"] != "chosen")]
        styles = {"softmax": "-", "arcface": "--"}
        colors = {"center": BLUE, "sigma2r": RED}
        for loss, term in product(styles, colors):
            part = own[(own["loss"] == loss) & (own["term"] == term)]
            weights = sorted(part["lambda"].unique(), key=float)
            means = [findings.over_sources(part[part["lambda"] == w], "gain") for w in weights]
            ax.errorbar(
                [float(w) for w in weights],
                [factor * mean for mean, _ in means],
                [2 * factor * se for _, se in means],
                color=colors[term],
                ls=styles[loss],
                marker="o",
                ms=3,
                capsize=2,
                label=f"{loss} + {NAMES[term]}",
            )
        ax.axhline(0, color=GRAY, lw=0.8)
        ax.set_xscale("log")
        ax.set_xlabel("λ")
        ax.set_ylabel(f"gain over the loss alone, {name}")

    return with_legend_below(per_objective(draw, 3.6))


def main() -> None:
    """Write the figures and fill the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=shipped_folder(), help="the repository's folder"
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="the page whose tables are filled")
    parser.add_argument("--figures", type=Path, default=PAGE.parents[1] / "figures" / "atlas")
    arguments = parser.parse_args()
    plt.rcParams.update(STYLE)
    known, table = files.load(arguments.data), committed(arguments.data)
    drawn = {
        **{f"{objective}": responses(known, objective) for objective in OBJECTIVES},
        "margins": margins(known),
        "scales": scales(known),
        "variance": shares(known),
        "terms": terms(table, known),
    }
    arguments.figures.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        figure.savefig(arguments.figures / f"{name}.png", dpi=110, metadata={"Software": None})
        plt.close(figure)
    fill(arguments.page, tables(table, known))


if __name__ == "__main__":
    main()
