"""The tables of docs/results/atlas.md, which `atlas.py` has written when it draws the figures."""

import pandas as pd

from sweeper.console import rounded
from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository.gains import setting_means
from sweeper.repository.records import Repository
from tools.atlas import findings
from tools.pages import markdown

#: Terms as they are written.
NAMES = {"center": "center", "sigma2r": "σ²R"}
#: Samples that a run of a long training sees at least.
LONG = 50_000
#: Margins that are shown by the number of classes.
BY_CLASSES = ("m2 = 0.2, s = 16", "m3 = 0.15, s = 16", "m1 = 1.15, s = 16", "m2 = −0.2, s = 16")


def unit(objective: str) -> tuple[float, str]:
    """Return the factor of a difference of scores and its unit."""
    return (1.0, "ln of compactness") if objective == "compactness" else (100.0, "points")


def shown(objective: str, mean: float, se: float) -> str:
    """Write a mean over sources and its standard error."""
    factor, _ = unit(objective)
    digits = 2 if objective == "compactness" else 1
    return f"{rounded(factor * mean, f'+.{digits}f')} ± {factor * se:.{digits}f}"


def counted(effects: pd.DataFrame) -> str:
    """Write how often a margin helps, does nothing and hurts."""
    counts = effects["verdict"].value_counts()
    return "/".join(str(counts.get(name, 0)) for name in ("helps", "–", "hurts"))


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


def table_of_rates(known: Repository) -> str:
    """Return what choosing gains at the lower and at the higher of two learning rates."""
    rows = []
    for objective in OBJECTIVES:
        table = findings.rates(known.objective(objective), objective)
        table["margins"] = table["all"] - table["scale alone"]
        table = table.set_index(["task", "source"])
        lower, higher = (table[table["rate"] == rate] for rate in ("lower", "higher"))
        change = higher[["softmax", "reached"]] - lower[["softmax", "reached"]]
        told = (
            (change, "softmax"),
            (lower, "scale alone"),
            (higher, "scale alone"),
            (lower, "margins"),
            (higher, "margins"),
            (change, "reached"),
        )
        rows.append(
            [
                objective,
                f"{len(change)} of {change.index.get_level_values('source').nunique()}",
                *(
                    shown(objective, *findings.over_sources(part.reset_index(), column))
                    for part, column in told
                ),
            ]
        )
    header = (
        "objective",
        "tasks of sources",
        "softmax, higher − lower",
        "scale alone, lower",
        "higher",
        "margins add, lower",
        "higher",
        "best, higher − lower",
    )
    return markdown(header, rows)


def table_of_longer(known: Repository) -> str:
    """Return MAP@R on each task that is trained for long, at the best of all rates."""
    tasks = known.tasks[known.tasks["samples"] >= LONG].set_index("id")
    means = setting_means(known.objective("retrieval"), "retrieval")
    rows = []
    for task, own in means[means["task"].isin(tasks.index)].groupby("task"):
        about, plain = tasks.loc[task], own["loss"] == "softmax"
        neutral = ~plain & (own["m1"] == 1) & (own["m2"] == 0) & (own["m3"] == 0)
        arcface = (own["m1"] == 1) & (own["m2"] == 0.5) & (own["m3"] == 0) & (own["scale"] == 64)
        best = own[~plain].nlargest(1, "score").iloc[0]
        margins = f"{best['m1']:.3g}, {best['m2']:.3g}, {best['m3']:.3g}; {best['scale']:.3g}"
        rows.append(
            [
                str(about["dataset"]).replace(".npz", ""),
                f"{about['net']}, {about['start']}",
                f"{about['num_classes']} × {about['num_train'] / about['num_classes']:.0f}",
                f"{100 * round(about['samples'] / 1e5)}",
                f"{about['batch_size']}; {about['embedding']}",
                *(
                    "–" if part.empty else f"{100 * part.max():.1f}"
                    for part in (own.loc[chosen, "score"] for chosen in (plain, neutral, arcface))
                ),
                f"{100 * best['score']:.1f}",
                margins,
                f"{best['lr']:g}",
            ]
        )
    header = (
        *("data", "net", "classes × images", "1,000 samples", "batch; dimensions"),
        *("softmax", "scale alone", "ArcFace (0.5, 64)"),
    )
    return markdown((*header, "best", "its m1, m2, m3; s", "lr"), rows)


def table_of_margins(known: Repository) -> str:
    """Return on how many tasks each margin helps and hurts, by the number of classes."""
    rows = []
    for step in findings.STEPS:
        cells = [step]
        for objective in OBJECTIVES:
            effects = findings.margin_effects(known.objective(objective), objective)
            own = effects[effects["step"] == step]
            mean = shown(objective, *findings.over_sources(own, "effect"))
            cells.append(f"{mean} ({counted(own)})")
        rows.append(cells)
    return markdown(("margin beside none", *OBJECTIVES), rows)


def table_of_groups(known: Repository) -> str:
    """Return three margins' effects by the number of classes."""
    rows = []
    for objective in OBJECTIVES:
        effects = findings.margin_effects(known.objective(objective), objective)
        for step in BY_CLASSES:
            cells = [objective, step]
            for group in findings.GROUPS:
                own = effects[(effects["step"] == step) & (effects["classes"] == group)]
                mean = (
                    shown(objective, *findings.over_sources(own, "effect"))
                    if own["source"].nunique() > 1
                    else "one source"
                )
                cells.append(f"{mean} ({counted(own)})")
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
        cells = [f"{loss} + {NAMES[str(term)]}", str(own["task"].nunique())]
        for objective in OBJECTIVES:
            part = own[own["objective"] == objective]
            told = shown(objective, *findings.over_sources(part, "gain")) if len(part) > 1 else "–"
            cells.append(told)
        rows.append(cells)
    return markdown(("loss", "tasks", *OBJECTIVES), rows)


def tables(table: pd.DataFrame, known: Repository) -> dict[str, str]:
    """Return the tables of the page by the names of its markers.

    Args:
        table: see `tools.atlas.measures`.
        known: what is in the repository.
    """
    return {
        "tasks": table_of_tasks(known),
        "tuning": table_of_tuning(known),
        "rates": table_of_rates(known),
        "longer": table_of_longer(known),
        "margins": table_of_margins(known),
        "groups": table_of_groups(known),
        "variance": table_of_variance(known),
        "defaults": table_of_defaults(known),
        "terms": table_of_terms(table, known),
    }
