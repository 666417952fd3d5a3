"""Several studies side by side: which can be compared, and their losses seed by seed."""

import shlex
from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from sweeper.registry.hyperparameters import TERM_LR
from sweeper.registry.setting import Setting
from sweeper.report.page import numbers
from sweeper.report.page.pairs_table import pairs_table
from sweeper.report.page.reported import Reported, by_seed, losses_at_their_best, seeds_of
from sweeper.report.page.text_table import TextTable
from sweeper.store import Confirmation


def overview_table(studies: Sequence[Reported]) -> TextTable:
    """Return a row for each study: its task, its seeds, how far it is."""
    header = ("study", "kind", "data set", "net", "embedding", "epochs", "seeds", "progress")
    rows = []
    for study in studies:
        task = study.outcome.summary.study.task
        cells = (study.name, study.spec.kind, task.dataset.name, task.net, task.embedding)
        rows.append((*cells, task.epochs, len(seeds_of(study.rows)), study.progress))
    texts = [tuple(map(str, row)) for row in rows]
    frame = pd.DataFrame(rows, columns=list(header))
    return TextTable(
        "studies", "Studies", header, texts, frozenset({"embedding", "epochs", "seeds"}), frame
    )


def side_by_side(studies: Sequence[Reported]) -> TextTable:
    """Return a row for each setting and measure, a column for each study."""
    cells: dict[tuple[Setting, str], dict[str, tuple[float, float]]] = {}
    for study in studies:
        for row in study.rows:
            for measure in study.spec.objectives:
                place = cells.setdefault((row.record.setting, measure), {})
                place[study.name] = row.values[measure], row.spread[measure]
    names = [study.name for study in studies]
    rows, records = [], []
    for (setting, measure), found in cells.items():
        label = ", ".join([setting.describe(), *(f"{n} {setting[n]:g}" for n in _rates(setting))])
        shown = (numbers.with_spread(measure, *found[n]) if n in found else "" for n in names)
        rows.append((label, measure, *shown))
        record: dict[str, object] = {"setting": label, "measure": measure}
        for name in names:
            mean, spread = found.get(name, (float("nan"), float("nan")))
            record |= {name: mean, f"{name}_std": spread}
        records.append(record)
    header = ("setting", "measure", *names)
    notes = ["Mean ± standard deviation over seeds; each study's test or validation data."]
    return TextTable(
        "side-by-side", "Settings side by side", header, rows, frozenset(names),
        pd.DataFrame(records), notes,
    )  # fmt: skip


def _rates(setting: Setting) -> list[str]:
    """Return what of the optimizer tells settings apart: the rate, and what it has besides."""
    return ["lr", *(n for n in setting.names if n in ("weight_decay", *TERM_LR) and setting[n])]


def obstacles(one: Reported, other: Reported) -> list[str]:
    """Return why the figures of two studies cannot be compared; empty if they can."""
    mine, theirs = one.outcome.summary.study, other.outcome.summary.study
    found = []
    if one.objective != other.objective:
        found.append(f"one is judged by {one.objective}, the other by {other.objective}")
    if mine.split != theirs.split:
        found.append(f"one is measured on {mine.split} data, the other on {theirs.split} data")
    if mine.task.dataset.fingerprint != theirs.task.dataset.fingerprint:
        found.append(f"their data are {mine.task.dataset.name} and {theirs.task.dataset.name}")
    elif mine.task.split_fingerprint != theirs.task.split_fingerprint:
        found.append("their data are split otherwise")
    shared = set(seeds_of(one.rows)) & set(seeds_of(other.rows))
    if not found and len(shared) < 2:
        found.append("fewer than two seeds are in both")
    return found


def plan_differences(one: Reported, other: Reported) -> list[str]:
    """Return what of the training differs between two studies, beside their settings."""
    mine, theirs = one.outcome.summary.study.task, other.outcome.summary.study.task
    return [
        f"{name.replace('_', ' ')} {getattr(mine, name)} and {getattr(theirs, name)}"
        for name in ("net", "embedding", "epochs", "batch_size", "protocol")
        if getattr(mine, name) != getattr(theirs, name)
    ]


def comparability(studies: Sequence[Reported]) -> list[str]:
    """Return a line for each pair of studies that cannot be compared, or not in all."""
    lines = []
    for one, other in combinations(studies, 2):
        if why := obstacles(one, other):
            lines.append(f"{one.name} and {other.name} cannot be compared: {'; '.join(why)}.")
        elif plan := plan_differences(one, other):
            lines.append(
                f"{one.name} and {other.name} differ in more than their settings: "
                f"{'; '.join(plan)}."
            )
    return lines


def losses_table(studies: Sequence[Reported]) -> tuple[TextTable | None, list[str]]:
    """Return the losses of some studies against one another, each at its best.

    Args:
        studies: all of which can be compared.

    Returns:
        The table, None if there are not two losses; and what is missing in it, or to be known.
    """
    values, remarks = {}, []
    for study in studies:
        chosen, without = losses_at_their_best(study)
        for row in chosen.values():
            label = f"{row.record.setting.describe()}, lr {row.record.setting.lr:g}"
            label = f"{study.name}: {label}" if len(studies) > 1 else label
            values[label] = by_seed(row, study.objective)
        if without:
            remarks.append(
                f"{study.name}: {', '.join(without)} left out, since nothing was measured on "
                "validation data that the best of their settings could be chosen by."
            )
        if study.spec.kind == "search":
            done = isinstance(study.outcome.confirmation, Confirmation)
            confirm = f"`sweeper confirm {shlex.quote(study.name)}{study.storage}`"
            better = "Its confirmation" if done else confirm
            remarks.append(
                "Comparisons of the best trial of a search flatter it: it is selected on the same "
                f"figures. {better} compares on new seeds and test data."
            )
    if len(values) < 2:
        return None, remarks
    title = "Losses compared seed by seed, each at its best"
    return pairs_table("losses", title, studies[0].objective, values), remarks


def comparable_groups(studies: Sequence[Reported]) -> list[list[Reported]]:
    """Return groups of at least two studies, within each of which all can be compared."""
    groups: list[list[Reported]] = []
    for study in studies:
        for group in groups:
            if not any(obstacles(study, other) for other in group):
                group.append(study)
                break
        else:
            groups.append([study])
    return [group for group in groups if len(group) > 1]
