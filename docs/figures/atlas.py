"""Draws the figures of docs/results/atlas.md and fills its tables, from db/repository.

``python docs/figures/atlas.py`` writes figures into ``docs/figures/atlas`` and replaces what stands
between the page's markers, so that no figure and no table can differ from the data.
"""

import argparse
import math
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweeper.atlas import findings
from sweeper.atlas.write import committed
from sweeper.repository import files
from sweeper.repository.baselines import cosface_scale, fixed_adacos_scale
from sweeper.repository.gather import shipped_folder
from sweeper.repository.measured import gains
from sweeper.repository.objectives import OBJECTIVES
from sweeper.repository.records import Repository

PAGE = Path(__file__).parents[1] / "results" / "atlas.md"
BLUE, RED, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#a8528f", "#777777"
OF_GROUP = dict(zip(findings.GROUPS, (BLUE, GREEN, RED), strict=True))
STYLE = {
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
#: Terms as they are written.
NAMES = {"center": "center", "sigma2r": "σ²R"}
#: The angle at which margins of different kinds are compared: 60 degrees.
THETA = math.pi / 3
#: Gains are drawn on an axis that is linear up to here and logarithmic beyond.
LINEAR = {"accuracy": 5.0, "retrieval": 5.0, "compactness": 0.5}
#: What is written on such an axis, on both sides of 0.
TICKS = {"accuracy": (2.5, 5, 20, 80), "retrieval": (2.5, 5, 20, 80), "compactness": (0.25, 0.5, 2)}


def unit(objective: str) -> tuple[float, str]:
    """Return the factor of a difference of scores and its unit."""
    return (1.0, "ln of compactness") if objective == "compactness" else (100.0, "points")


def symmetric(ax: Axes, which: str, objective: str) -> None:
    """Let an axis be linear around 0 and logarithmic beyond."""
    ticks = [*(-tick for tick in reversed(TICKS[objective])), 0, *TICKS[objective]]
    axis = ax.xaxis if which == "x" else ax.yaxis
    set_scale = ax.set_xscale if which == "x" else ax.set_yscale
    set_scale("symlog", linthresh=LINEAR[objective])
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def lowered(m1: np.ndarray, m2: np.ndarray, m3: np.ndarray) -> np.ndarray:
    """Return by how much margins lower the target's cosine at `THETA`."""
    return math.cos(THETA) - (np.cos(m1 * THETA + m2) - m3)


def short(task: str) -> str:
    """Return a task's id as a title of two lines."""
    name = task.rsplit(" #", 1)[0]
    dataset, bracket, rest = name.partition("]")
    if not bracket:
        dataset, _, rest = name.partition(",")
    rest = rest.lstrip(", ").replace(", classes held out", ", held out")
    return f"{dataset}{bracket}\n{rest}"


def responses(known: Repository, objective: str) -> Figure:
    """Draw, for each task, the gain over plain softmax over the scale; colour is the margin."""
    factor, name = unit(objective)
    table = gains(known.objective(objective), objective)
    table = table[table["loss"] != "softmax"]
    tasks = sorted(table["task"].unique())
    columns = 6
    rows = -(-len(tasks) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(13, 1.7 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    image = None
    for ax, task in zip(axes.flat, tasks, strict=False):
        own = table[table["task"] == task]
        strength = lowered(*(own[m].to_numpy() for m in ("m1", "m2", "m3")))
        image = ax.scatter(
            own["scale"],
            factor * own["gain"],
            c=strength,
            cmap="coolwarm",
            vmin=-1,
            vmax=1,
            s=9,
            linewidths=0.2,
            edgecolors="white",
            zorder=3,
        )
        bare = own[(own["m1"] == 1) & (own["m2"] == 0) & (own["m3"] == 0)].sort_values("scale")
        for _, line in bare.groupby("lr"):
            ax.errorbar(
                line["scale"], factor * line["gain"], factor * line["se"], color="#222222", lw=1
            )
        ax.axhline(0, color=GREY, lw=0.8, ls=":")
        symmetric(ax, "y", objective)
        ax.set_xscale("log", base=2)
        ax.set_xticks([2, 8, 32, 128], ["2", "8", "32", "128"])
        ax.set_title(short(task), fontsize=5.8)
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


def margins(known: Repository) -> Figure:
    """Draw what each margin does beside none, a dot a task, and the mean over sources."""

    def draw(ax: Axes, objective: str) -> None:
        factor, name = unit(objective)
        effects = findings.margin_effects(known.objective(objective), objective)
        spread = np.random.default_rng(0)
        for y, step in enumerate(reversed(findings.STEPS)):
            own = effects[effects["step"] == step]
            for group, colour in OF_GROUP.items():
                part = own[own["classes"] == group]
                at = y + 0.5 * (spread.random(len(part)) - 0.5)
                sure = (part["verdict"] != "–").to_numpy()
                values = factor * part["effect"].to_numpy()
                ax.scatter(
                    values[~sure], at[~sure], s=9, facecolors="none", edgecolors=colour, lw=0.7
                )
                ax.scatter(values[sure], at[sure], s=11, color=colour)
            mean, se = findings.over_sources(own, "effect")
            ax.errorbar(
                factor * mean, y, xerr=2 * factor * se, color="black", fmt="D", ms=4, capsize=3
            )
        ax.axvline(0, color=GREY, lw=0.8)
        ax.set_yticks(range(len(findings.STEPS)), list(reversed(findings.STEPS)))
        symmetric(ax, "x", objective)
        ax.set_xlabel(f"effect, {name}")

    figure = per_objective(draw, 5)
    handles = [
        plt.Line2D([], [], color=colour, marker="o", ls="", label=f"{group} classes")
        for group, colour in OF_GROUP.items()
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
        ax.set_ylabel("best scale of normalised softmax")
        ax.legend(frameon=False, loc="upper left")

    return per_objective(draw, 3.4)


def shares(known: Repository) -> Figure:
    """Draw where the variance of each task's runs comes from."""

    def draw(ax: Axes, objective: str) -> None:
        table = findings.variance_shares(known.objective(objective), objective)
        table = table.sort_values(["num_classes", "task"], ignore_index=True)
        below = np.zeros(len(table))
        for part, colour in (("scale", BLUE), ("margins", RED), ("seed", "#c9c9c9")):
            ax.bar(table.index, table[part], bottom=below, width=1, color=colour)
            below += table[part].to_numpy()
        ax.set_xlabel("tasks, by classes trained on")
        ax.set_ylabel("share of variance")
        ax.set_xlim(-0.5, len(table) - 0.5)
        ax.grid(visible=False)

    figure = per_objective(draw, 3)
    handles = [
        plt.Line2D([], [], color=colour, marker="s", ls="", label=part)
        for part, colour in (("scale", BLUE), ("margins", RED), ("seed", "#c9c9c9"))
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
        colours = {"center": BLUE, "sigma2r": RED}
        for loss, term in product(styles, colours):
            part = own[(own["loss"] == loss) & (own["term"] == term)]
            weights = sorted(part["lambda"].unique(), key=float)
            means = [findings.over_sources(part[part["lambda"] == w], "gain") for w in weights]
            ax.errorbar(
                [float(w) for w in weights],
                [factor * mean for mean, _ in means],
                [2 * factor * se for _, se in means],
                color=colours[term],
                ls=styles[loss],
                marker="o",
                ms=3,
                capsize=2,
                label=f"{loss} + {NAMES[term]}",
            )
        ax.axhline(0, color=GREY, lw=0.8)
        ax.set_xscale("log")
        ax.set_xlabel("λ")
        ax.set_ylabel(f"gain over the loss alone, {name}")
        ax.legend(frameon=False)

    return per_objective(draw, 3.4)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    lines.insert(1, "|" + " --- |" * len(header))
    return "\n".join(lines)


def shown(objective: str, mean: float, se: float) -> str:
    """Write a mean over sources and its standard error."""
    factor, _ = unit(objective)
    digits = 2 if objective == "compactness" else 1
    return f"{factor * mean:+.{digits}f} ± {factor * se:.{digits}f}"


def table_of_tasks(known: Repository) -> str:
    """Return how many tasks, sources and runs there are."""
    rows = []
    for source, own in known.tasks.groupby("source"):
        classes = own["num_classes"]
        results = known.results[known.results["task"].isin(own["id"])]
        runs = results.drop_duplicates(["task", "loss", "m1", "m2", "m3", "scale", "lr", "seed"])
        span = (
            f"{classes.min()} to {classes.max()}" if len(set(classes)) > 1 else f"{classes.min()}"
        )
        rows.append([str(source), str(len(own)), span, f"{len(runs):,}"])
    return markdown(("source", "tasks", "classes trained on", "runs"), rows)


def table_of_tuning(known: Repository) -> str:
    """Return what choosing well gains, by the number of classes."""
    rows = []
    for objective in OBJECTIVES:
        table = findings.tuned(known.objective(objective), objective)
        table["margins"] = table["all"] - table["scale alone"]
        for group in ("all", *findings.GROUPS):
            own = table if group == "all" else table[table["classes"] == group]
            if own["source"].nunique() < 2:
                continue
            rows.append(
                [
                    objective,
                    group,
                    f"{len(own)} of {own['source'].nunique()}",
                    *(
                        shown(objective, *findings.over_sources(own, column))
                        for column in ("scale alone", "all", "margins")
                    ),
                ]
            )
    header = (
        "objective",
        "classes",
        "tasks of sources",
        "scale alone",
        "with margins",
        "margins add",
    )
    return markdown(header, rows)


def table_of_margins(known: Repository) -> str:
    """Return on how many tasks each margin helps and hurts, by the number of classes."""
    rows = []
    for step in findings.STEPS:
        cells = [step]
        for objective in OBJECTIVES:
            effects = findings.margin_effects(known.objective(objective), objective)
            own = effects[effects["step"] == step]
            counts = own["verdict"].value_counts()
            told = "/".join(str(counts.get(name, 0)) for name in ("helps", "–", "hurts"))
            cells.append(f"{shown(objective, *findings.over_sources(own, 'effect'))} ({told})")
        rows.append(cells)
    return markdown(("margin beside none", *OBJECTIVES), rows)


def table_of_groups(known: Repository) -> str:
    """Return three margins' effects by the number of classes."""
    rows = []
    for objective in OBJECTIVES:
        effects = findings.margin_effects(known.objective(objective), objective)
        for step in (
            "m2 = 0.2, s = 16",
            "m3 = 0.15, s = 16",
            "m1 = 1.15, s = 16",
            "m2 = −0.2, s = 16",
        ):
            cells = [objective, step]
            for group in findings.GROUPS:
                own = effects[(effects["step"] == step) & (effects["classes"] == group)]
                counts = own["verdict"].value_counts()
                told = "/".join(str(counts.get(name, 0)) for name in ("helps", "–", "hurts"))
                mean = (
                    shown(objective, *findings.over_sources(own, "effect"))
                    if own["source"].nunique() > 1
                    else "one source"
                )
                cells.append(f"{mean} ({told})")
            rows.append(cells)
    return markdown(("objective", "margin", *(f"{g} classes" for g in findings.GROUPS)), rows)


def table_of_variance(known: Repository) -> str:
    """Return the medians of the shares of variance."""
    rows = []
    for objective in OBJECTIVES:
        own = known.objective(objective)
        table = findings.variance_shares(own, objective)
        between = findings.task_share(own, objective)
        cells = [objective, f"{100 * between:.0f} %"]
        for part in ("scale", "margins", "seed"):
            low, middle, high = 100 * table[part].quantile([0.25, 0.5, 0.75])
            cells.append(f"{middle:.0f} % ({low:.0f} to {high:.0f})")
        rows.append(cells)
    header = ("objective", "between tasks", "of a task: scale", "margins", "seed")
    return markdown(header, rows)


def table_of_defaults(known: Repository) -> str:
    """Return how defaults and formulas fare."""
    rows = []
    for objective in OBJECTIVES:
        table = findings.defaults(known.objective(objective), objective)
        for row in table.sort_values("regret").to_dict("records"):
            rows.append(
                [
                    objective,
                    row["name"],
                    shown(objective, row["gain"], row["se"]),
                    shown(objective, row["regret"], row["regret_se"]).lstrip("+"),
                    f"{row['better']} / {row['worse']} of {row['tasks']}",
                ]
            )
    header = ("objective", "setting", "gain over softmax", "regret", "tasks better / worse")
    return markdown(header, rows)


def table_of_terms(table: pd.DataFrame, known: Repository) -> str:
    """Return what the terms gain with λ chosen on other seeds."""
    gained = findings.term_gains(table, OBJECTIVES).merge(findings.about(known), on="task")
    chosen = gained[gained["lambda"] == "chosen"]
    rows = []
    for (loss, term), own in chosen.groupby(["loss", "term"]):
        cells = [f"{loss} + {NAMES[term]}", str(own["task"].nunique())]
        for objective in OBJECTIVES:
            part = own[own["objective"] == objective]
            told = shown(objective, *findings.over_sources(part, "gain")) if len(part) > 1 else "–"
            cells.append(told)
        rows.append(cells)
    return markdown(("loss", "tasks", *OBJECTIVES), rows)


def main() -> None:
    """Write the figures and fill the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=shipped_folder(), help="the repository's folder"
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="the page whose tables are filled")
    parser.add_argument("--figures", type=Path, default=Path(__file__).parent / "atlas")
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
    tables = {
        "tasks": table_of_tasks(known),
        "tuning": table_of_tuning(known),
        "margins": table_of_margins(known),
        "groups": table_of_groups(known),
        "variance": table_of_variance(known),
        "defaults": table_of_defaults(known),
        "terms": table_of_terms(table, known),
    }
    text = arguments.page.read_text(encoding="utf-8")
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"
    arguments.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
