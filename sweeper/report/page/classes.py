"""What a page shows of classes: confusion matrices, errors of each class, and their curves."""

import statistics
from collections import Counter, defaultdict

import pandas as pd

from sweeper.console import count
from sweeper.report.figures.class_curves import class_curves_figure
from sweeper.report.figures.confusion import confusion_figure
from sweeper.report.page.files import Files, ShownFigure, ShownTable
from sweeper.report.page.reported import Reported, losses_at_their_best
from sweeper.report.page.text_table import TextTable
from sweeper.report.study_results import ResultRow
from sweeper.report.trial import class_names, reindexed_seeds, summed_confusion

#: More classes or losses make matrices that nobody can read, more panels curves.
_MOST_CLASSES, _MOST_LOSSES, _MOST_PANELS = 20, 6, 3


def confusions(
    study: Reported, files: Files, folder: str
) -> tuple[list[ShownFigure], list[ShownTable]]:
    """Return the matrices of each loss at its best, and its false positives and negatives."""
    chosen, _ = losses_at_their_best(study)
    rows = [row for row in chosen.values() if any(seed.confusion for seed in row.record.seeds)]
    if not 1 < len(rows) <= _MOST_LOSSES:
        return [], []
    names = class_names(study.outcome, rows[0])
    if len(names) > _MOST_CLASSES:
        return [], []
    table = pd.DataFrame(
        [
            {
                "setting": row.record.setting.describe(),
                "true": names[true],
                "predicted": names[predicted],
                "samples": samples[true, predicted],
            }
            for row in rows
            for samples in [summed_confusion(reindexed_seeds(study.outcome, row))]
            for true in range(len(names))
            for predicted in range(len(names))
        ]
    )
    data = files.add_frame(f"{folder}confusion.csv", table)
    figure = confusion_figure(table, study.name, study.outcome.summary.study.split)
    shown = ShownFigure.of(f"{study.slug}-confusion", figure, data)
    return [shown], [files.add_table(folder, _errors(study, rows, names))]


def curves_of_classes(study: Reported, files: Files, folder: str) -> list[ShownFigure]:
    """Return a figure for each value that losses or terms report of each class."""
    means: dict[tuple[str, str, str, int], list[float]] = defaultdict(list)
    for row in study.rows:
        names = class_names(study.outcome, row)
        setting = f"{row.record.setting.describe()}, lr {row.record.setting.lr:g}"
        for seed in reindexed_seeds(study.outcome, row):
            for epoch in seed.curve:
                for curve, values in epoch.class_values.items():
                    for name, value in zip(names, values, strict=False):
                        means[curve, setting, name, epoch.epoch].append(value)
    if not means:
        return []
    records = [(*key, statistics.fmean(values)) for key, values in means.items()]
    table = pd.DataFrame(records, columns=["curve", "setting", "class", "epoch", "value"])
    data = files.add_frame(f"{folder}class-curves.csv", table)
    figures = []
    for drawn, of in table.groupby("curve", sort=False):
        name = str(drawn)
        shown = of[of["setting"].isin(list(dict.fromkeys(of["setting"]))[:_MOST_PANELS])]
        figure = class_curves_figure(shown, study.name, name)
        key = f"{study.slug}-{name.replace('.', '-')}"
        figures.append(ShownFigure.of(key, figure, data))
    return figures


def _errors(study: Reported, rows: list[ResultRow], names: list[str]) -> TextTable:
    """Return the false positives and negatives of each class, per seed."""
    header = ["class"]
    cells: list[list[str]] = [[name] for name in (*names, "all")]
    records: list[dict[str, object]] = [{"class": name} for name in (*names, "all")]
    for row in rows:
        setting, seeds = row.record.setting.describe(), len(row.record.seeds)
        counts = summed_confusion(reindexed_seeds(study.outcome, row))
        for kind, place in (("false positives", 1), ("false negatives", 0)):
            header.append(f"{setting}: {kind}")
            wrong: Counter[int] = Counter()
            for pair, samples in counts.items():
                if pair[0] != pair[1]:
                    wrong[pair[place]] += samples
            numbers = [wrong[i] / seeds for i in range(len(names))]
            for cell, record, number in zip(cells, records, (*numbers, sum(numbers)), strict=True):
                cell.append(f"{number:.1f}")
                record[header[-1]] = number
    notes = [
        f"Samples per seed, mean of {count(len(rows[0].record.seeds), 'seed')}; each loss at its "
        "best. All classes together have as many false positives as false negatives: one of each "
        "for each error."
    ]
    title = "False positives and false negatives"
    return TextTable(
        "errors", title, header, cells, frozenset(header[1:]), pd.DataFrame(records), notes
    )
