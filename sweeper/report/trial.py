"""One trial in detail: every measure, per-class results, and the confusion matrix."""

import csv
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sweeper.console import count
from sweeper.csv_cells import safe_cell
from sweeper.errors import UsageError
from sweeper.registry.measures import about
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.tables import print_line, print_table
from sweeper.report.text import measured
from sweeper.store import EpochRecord, SeedRecord

#: Maximum number of classes for which the matrix is printed.
_MATRIX = 20
#: The number of confusions listed instead.
_NAMED = 10

#: The columns of a class by title; all but the first are numbers.
_COLUMNS = {
    "class": "name",
    "recall": "recall",
    "precision": "precision",
    "spread": "spread",
    "plain spread": "plain_spread",
}

#: What cannot be guessed from the title of a column.
_MEANINGS = {
    "recall": "share of the samples of the class that were predicted as it",
    "precision": "share of the samples predicted as the class that belong to it",
    "spread": "standard deviation of the embeddings about the mean of their class, at unit length",
    "plain spread": "the same without normalizing them, so it grows with their length",
}


@dataclass(frozen=True)
class ClassResult:
    """Means over the seeds for one class; NaN if there is no value.

    Attributes:
        name: name of the class.
        recall: share of its samples that were predicted as this class.
        precision: share of the samples predicted as this class that belong to it.
        spread: intra-class spread of its unit-length embeddings.
        plain_spread: the same for embeddings that are not normalized.
        last: values that the loss and its terms report after the last epoch, by name.
    """

    name: str
    recall: float
    precision: float
    spread: float
    plain_spread: float
    last: dict[str, float]

    def named(self) -> dict[str, str | float]:
        """Return all results by name, those of the loss last."""
        return {**{name: getattr(self, name) for name in _COLUMNS.values()}, **self.last}


def find_row(outcome: StudyResults, which: str) -> ResultRow:
    """Return the trial with a number, or the control with a name.

    Raises:
        UsageError: the study has no such trial or control.
    """
    for row in (*outcome.trials, *outcome.every_control):
        if which in (row.record.control, str(row.record.number)):
            return row
    named = ", ".join(str(row.record.control) for row in outcome.every_control)
    controls = f", and the controls {named}" if named else ""
    raise UsageError(
        f"study {outcome.summary.study.name!r} has no finished trial {which!r}; it has "
        f"{count(len(outcome.trials), 'trial')}, numbered from 0{controls}"
    )


def print_table_of(outcome: StudyResults, row: ResultRow) -> None:
    """Print a trial as tables on standard output."""
    record = row.record
    setting = record.setting
    print_line(f"{row.label}: {setting.describe()}, lr {setting.lr:.3g}; {_state(row)}")
    if not row.values:
        return
    print_table(
        ("measure", "value", "what it says"),
        [
            (name, measured(name, row.values[name], row.spread[name]), about(name))
            for name in row.values
        ],
        numbers=("value",),
    )
    classes = class_results(outcome, row)
    if not classes:
        return
    titles = (*_COLUMNS, *classes[0].last)
    shown = [title for title in titles if any(_cell(of, title) != "–" for of in classes)]
    if shown == ["class"]:
        alone = list(outcome.spec.objectives) == ["retrieval"]
        why = "; retrieval compares images of held-out classes" if alone else ""
        print_line(f"\nno values by class were measured{why}")
        return
    print_line(f"\nclasses, mean of {count(len(record.seeds), 'seed')}")
    print_table(shown, [[_cell(of, title) for title in shown] for of in classes], shown[1:])
    for title in shown:
        if title in _MEANINGS:
            print_line(f"{title}: {_MEANINGS[title]}")
    _print_confusion([of.name for of in classes], summed_confusion(reindexed_seeds(outcome, row)))


def print_csv_of(outcome: StudyResults, row: ResultRow) -> None:
    """Print one line per class as CSV on standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    classes = class_results(outcome, row)
    last = classes[0].last if classes else ()
    writer.writerow([title.replace(" ", "_") for title in (*_COLUMNS, *last)])
    for of in classes:
        writer.writerow(
            ["" if value != value else safe_cell(value) for value in of.named().values()]
        )


def print_json_of(outcome: StudyResults, row: ResultRow) -> None:
    """Print a trial as one JSON object, with each seed's confusion matrix and curves."""
    record, names, seeds = row.record, class_names(outcome, row), reindexed_seeds(outcome, row)
    content = {
        "study": outcome.summary.study.name,
        "trial": record.control or record.number,
        "setting": record.setting.describe(),
        "state": record.state,
        "cause": record.cause,
        "values": {name: _finite(value) for name, value in row.values.items()},
        "spread": {name: _finite(value) for name, value in row.spread.items()},
        "classes": [
            {name: v if isinstance(v, str) else _finite(v) for name, v in of.named().items()}
            for of in class_results(outcome, row)
        ],
        "confusion": [
            {"seed": seed.seed, "matrix": _matrix(seed.confusion, len(names))}
            for seed in seeds
            if seed.confusion  # trials stored before schema version 0003 have none
        ],
        "class_curves": {  # of each class after each epoch, as reported by the loss or a term
            name: [
                {
                    "seed": seed.seed,
                    "epochs": [
                        [_finite(value) for value in epoch.class_values.get(name, ())]
                        for epoch in seed.curve
                    ],
                }
                for seed in seeds
            ]
            for name in _reported_names(row)
        },
    }
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def class_results(outcome: StudyResults, row: ResultRow) -> list[ClassResult]:
    """Return the results of each class, as means over the seeds that trained it."""
    results, seeds = [], reindexed_seeds(outcome, row)
    last = [seed.curve[-1].class_values for seed in seeds if seed.curve]
    for index, name in enumerate(class_names(outcome, row)):
        measured_classes = [of for seed in seeds for of in seed.classes if of.index == index]
        results.append(
            ClassResult(
                name,
                _mean(of.recall for of in measured_classes),
                _mean(_precision(seed.confusion, index) for seed in seeds),
                _mean(of.spread for of in measured_classes),
                _mean(of.plain_spread for of in measured_classes),
                {
                    key: _mean(values[key][index] for values in last if key in values)
                    for key in _reported_names(row)
                },
            )
        )
    return results


def _reported_names(row: ResultRow) -> list[str]:
    """Return the names of the values that the loss and its terms report for each class."""
    curves = (epoch.class_values for seed in row.record.seeds for epoch in seed.curve)
    return list(dict.fromkeys(name for values in curves for name in values))


def class_names(outcome: StudyResults, row: ResultRow) -> list[str]:
    """Return the names of the classes that any seed trained.

    They are numbered instead if classes were held out and the study does not record which.
    """
    if outcome.spec.loaded.folds:
        every = outcome.summary.study.task.dataset.class_names
        return [every[c] for c in _trained_by_any(outcome, row)]
    number = max((len(seed.classes) for seed in row.record.seeds), default=0)
    names = list(outcome.summary.study.task.dataset.class_names)
    if trained := outcome.spec.loaded.trained_classes:
        names = [names[i] for i in trained if i < len(names)]
    return names if len(names) == number else [f"class {i}" for i in range(number)]


def _trained_by_any(outcome: StudyResults, row: ResultRow) -> list[int]:
    """Return the numbers of the classes that any seed of a trial trained, ascending."""
    loaded = outcome.spec.loaded
    return sorted({c for seed in row.record.seeds for c in loaded.trained(seed.seed)})


def reindexed_seeds(outcome: StudyResults, row: ResultRow) -> list[SeedRecord]:
    """Return the results of the seeds, with classes by their index in `class_names`.

    They are stored by their index among the classes that the seed trained.
    """
    loaded = outcome.spec.loaded
    if not loaded.folds:
        return list(row.record.seeds)
    index_of = {c: index for index, c in enumerate(_trained_by_any(outcome, row))}
    return [
        _reindexed(seed, [index_of[c] for c in loaded.trained(seed.seed)], len(index_of))
        for seed in row.record.seeds
    ]


def _reindexed(seed: SeedRecord, indices: list[int], number: int) -> SeedRecord:
    """Return the results of a seed with its class i at ``indices[i]`` of `number` classes."""

    def spread_out(values: tuple[float, ...]) -> tuple[float, ...]:
        of = dict(zip(indices, values, strict=True))
        return tuple(of.get(index, math.nan) for index in range(number))

    def epoch_of(epoch: EpochRecord) -> EpochRecord:
        told = {name: spread_out(values) for name, values in epoch.class_values.items()}
        return replace(epoch, class_values=told)

    return replace(
        seed,
        classes=tuple(replace(of, index=indices[of.index]) for of in seed.classes),
        confusion=tuple((indices[true], indices[p], n) for true, p, n in seed.confusion),
        curve=tuple(map(epoch_of, seed.curve)),
    )


def _precision(confusion: Iterable[tuple[int, int, int]], index: int) -> float:
    """Return the precision of a class, NaN if no sample was predicted as this class."""
    predicted_as = [(true, samples) for true, predicted, samples in confusion if predicted == index]
    total = sum(samples for _, samples in predicted_as)
    return (
        sum(samples for true, samples in predicted_as if true == index) / total
        if total
        else math.nan
    )


def _mean(values: Iterable[float]) -> float:
    finite = [value for value in values if not math.isnan(value)]
    return statistics.fmean(finite) if finite else math.nan


def summed_confusion(seeds: Iterable[SeedRecord]) -> Counter[tuple[int, int]]:
    """Return the number of samples of each true and predicted class, all seeds together."""
    counts: Counter[tuple[int, int]] = Counter()
    for seed in seeds:
        for true, predicted, samples in seed.confusion:
            counts[true, predicted] += samples
    return counts


def _print_confusion(names: list[str], counts: Counter[tuple[int, int]]) -> None:
    """Print the confusion matrix, or with many classes the most frequent confusions."""
    if not counts:
        return
    if len(names) <= _MATRIX:
        print_line("\nsamples by true class (rows) and predicted class, all seeds together")
        rows = [
            [name, *(str(counts[true, p]) if counts[true, p] else "·" for p in range(len(names)))]
            for true, name in enumerate(names)
        ]
        print_table(["", *names], rows, numbers=names)
        return
    wrong = [(pair, samples) for pair, samples in counts.most_common() if pair[0] != pair[1]]
    print_line("\nmost frequent confusions, all seeds together")
    print_table(
        ("class", "predicted as", "samples"),
        [(names[true], names[p], str(samples)) for (true, p), samples in wrong[:_NAMED]],
        numbers=("samples",),
    )


def _matrix(confusion: Iterable[tuple[int, int, int]], classes: int) -> list[list[int]]:
    matrix = [[0] * classes for _ in range(classes)]
    for true, predicted, samples in confusion:
        matrix[true][predicted] = samples
    return matrix


def _state(row: ResultRow) -> str:
    record = row.record
    cause = f" ({record.cause})" if record.cause else ""
    seeds = f"mean ± standard deviation of {count(len(record.seeds), 'seed')}"
    return f"{record.state}{cause} after {count(record.epochs, 'epoch')}; {seeds}"


def _cell(of: ClassResult, title: str) -> str:
    value: Any = of.named()[_COLUMNS.get(title, title)]
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if title in ("recall", "precision") else f"{value:.3g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
