"""One trial in detail: every measure, each class, and which classes are taken for which."""

import csv
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sweeper.errors import UsageError
from sweeper.report.outcome import Outcome, Row
from sweeper.report.tables import print_line, print_table
from sweeper.report.text import count, measured
from sweeper.store import SeedRecord

#: More classes than this do not make a matrix that can be read.
_MATRIX = 20
#: The confusions that are named in its place.
_NAMED = 10

#: What is shown of a class, by the title of its column; numbers but the first.
_COLUMNS = {
    "class": "name",
    "recall": "recall",
    "precision": "precision",
    "spread": "spread",
    "plain spread": "plain_spread",
    "growth": "growth",
}


@dataclass(frozen=True)
class OfClass:
    """Means over the seeds for one class; NaN where there is none.

    Attributes:
        name: of the class.
        recall: the share of its samples that were put in it.
        precision: the share of what was put in it that belongs there.
        spread: intra-class spread of its embeddings at unit length.
        plain_spread: the same of the embeddings as they are.
        growth: w of the σ²R term after the last epoch.
    """

    name: str
    recall: float
    precision: float
    spread: float
    plain_spread: float
    growth: float


def find_row(outcome: Outcome, which: str) -> Row:
    """Return the trial of a number, or the control of a name.

    Raises:
        UsageError: the study has none such.
    """
    for row in (*outcome.trials, *outcome.controls):
        if which in (row.record.control, str(row.record.number)):
            return row
    controls = "".join(f", {row.record.control}" for row in outcome.controls)
    raise UsageError(
        f"study {outcome.summary.study.name!r} has no trial {which!r} that is over; it has "
        f"{count(len(outcome.trials), 'trial')} from 0{controls}"
    )


def print_table_of(outcome: Outcome, row: Row) -> None:
    """Print a trial for people, on standard output."""
    record = row.record
    print_line(f"{row.label}: {record.setting.describe()}; {_state(row)}")
    if not row.values:
        return
    print_table(
        ("measure", ""),
        [(name, measured(name, row.values[name], row.spread[name])) for name in row.values],
        numbers=("",),
    )
    classes = of_classes(outcome, row)
    if not classes:
        return
    shown = [title for title in _COLUMNS if any(_cell(of, title) != "–" for of in classes)]
    print_line(f"\nclasses, mean of {count(len(record.seeds), 'seed')}")
    print_table(shown, [[_cell(of, title) for title in shown] for of in classes], shown[1:])
    _print_confusion([of.name for of in classes], _summed(_seeds(outcome, row)))


def print_csv_of(outcome: Outcome, row: Row) -> None:
    """Print one line a class as CSV on standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([title.replace(" ", "_") for title in _COLUMNS])
    for of in of_classes(outcome, row):
        writer.writerow(["" if value != value else value for value in vars(of).values()])


def print_json_of(outcome: Outcome, row: Row) -> None:
    """Print a trial as one JSON object, with each seed's confusion matrix and growth."""
    record, names, seeds = row.record, _class_names(outcome, row), _seeds(outcome, row)
    content = {
        "study": outcome.summary.study.name,
        "trial": record.control or record.number,
        "setting": record.setting.describe(),
        "state": record.state,
        "cause": record.cause,
        "values": {name: _finite(value) for name, value in row.values.items()},
        "spread": {name: _finite(value) for name, value in row.spread.items()},
        "classes": [
            {name: v if isinstance(v, str) else _finite(v) for name, v in vars(of).items()}
            for of in of_classes(outcome, row)
        ],
        "confusion": [
            {"seed": seed.seed, "matrix": _matrix(seed.confusion, len(names))}
            for seed in seeds
            if seed.confusion  # trials of before version 0003 have none
        ],
        "growth": [  # of each class after each epoch, where there is a σ²R term
            {
                "seed": seed.seed,
                "epochs": [[_finite(w) for w in epoch.growth] for epoch in seed.curve],
            }
            for seed in seeds
            if any(epoch.growth for epoch in seed.curve)
        ],
    }
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def of_classes(outcome: Outcome, row: Row) -> list[OfClass]:
    """Return what was measured of each class, as means over the seeds that have it."""
    found, seeds = [], _seeds(outcome, row)
    for index, name in enumerate(_class_names(outcome, row)):
        own = [of for seed in seeds for of in seed.classes if of.index == index]
        grown = [seed.curve[-1].growth for seed in seeds if seed.curve]
        found.append(
            OfClass(
                name,
                _mean(of.recall for of in own),
                _mean(_precision(seed.confusion, index) for seed in seeds),
                _mean(of.spread for of in own),
                _mean(of.plain_spread for of in own),
                _mean(growth[index] for growth in grown if growth),
            )
        )
    return found


def _class_names(outcome: Outcome, row: Row) -> list[str]:
    """Return the names of the classes that any seed trained.

    Numbers among them where others were held out and the study was stored without which.
    """
    if outcome.spec.loaded.folds:
        every = outcome.summary.study.task.dataset.class_names
        return [every[c] for c in _trained_by_any(outcome, row)]
    number = max((len(seed.classes) for seed in row.record.seeds), default=0)
    names = list(outcome.summary.study.task.dataset.class_names)
    if trained := outcome.spec.loaded.trained_classes:
        names = [names[i] for i in trained if i < len(names)]
    return names if len(names) == number else [f"class {i}" for i in range(number)]


def _trained_by_any(outcome: Outcome, row: Row) -> list[int]:
    """Return the numbers of the classes that any seed of a trial trained; ascending."""
    loaded = outcome.spec.loaded
    return sorted({c for seed in row.record.seeds for c in loaded.trained(seed.seed)})


def _seeds(outcome: Outcome, row: Row) -> list[SeedRecord]:
    """Return what the seeds measured, with classes by their places in `_class_names`.

    They are stored by their places among those that the seed trained.
    """
    loaded = outcome.spec.loaded
    if not loaded.folds:
        return list(row.record.seeds)
    place = {c: index for index, c in enumerate(_trained_by_any(outcome, row))}
    return [
        _placed(seed, [place[c] for c in loaded.trained(seed.seed)], len(place))
        for seed in row.record.seeds
    ]


def _placed(seed: SeedRecord, places: list[int], number: int) -> SeedRecord:
    """Return what a seed measured with its class i at ``places[i]`` among so many classes."""

    def placed(growth: tuple[float, ...]) -> tuple[float, ...]:
        of = dict(zip(places, growth, strict=True)) if growth else {}
        return tuple(of.get(index, math.nan) for index in range(number)) if growth else ()

    return replace(
        seed,
        classes=tuple(replace(of, index=places[of.index]) for of in seed.classes),
        confusion=tuple((places[true], places[p], n) for true, p, n in seed.confusion),
        curve=tuple(replace(epoch, growth=placed(epoch.growth)) for epoch in seed.curve),
    )


def _precision(confusion: Iterable[tuple[int, int, int]], index: int) -> float:
    """Return the share of what was put in a class that belongs there; NaN of nothing."""
    put = [(true, samples) for true, predicted, samples in confusion if predicted == index]
    total = sum(samples for _, samples in put)
    return sum(samples for true, samples in put if true == index) / total if total else math.nan


def _mean(values: Iterable[float]) -> float:
    finite = [value for value in values if not math.isnan(value)]
    return statistics.fmean(finite) if finite else math.nan


def _summed(seeds: Iterable[SeedRecord]) -> Counter[tuple[int, int]]:
    counts: Counter[tuple[int, int]] = Counter()
    for seed in seeds:
        for true, predicted, samples in seed.confusion:
            counts[true, predicted] += samples
    return counts


def _print_confusion(names: list[str], counts: Counter[tuple[int, int]]) -> None:
    """Print the confusion matrix, or of many classes what is confused most."""
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
    print_line("\nwhat is taken for something else most often, all seeds together")
    print_table(
        ("class", "taken for", "samples"),
        [(names[true], names[p], str(samples)) for (true, p), samples in wrong[:_NAMED]],
        numbers=("samples",),
    )


def _matrix(confusion: Iterable[tuple[int, int, int]], classes: int) -> list[list[int]]:
    matrix = [[0] * classes for _ in range(classes)]
    for true, predicted, samples in confusion:
        matrix[true][predicted] = samples
    return matrix


def _state(row: Row) -> str:
    record = row.record
    cause = f" ({record.cause})" if record.cause else ""
    seeds = f"mean ± standard deviation of {count(len(record.seeds), 'seed')}"
    return f"{record.state}{cause} after {count(record.epochs, 'epoch')}; {seeds}"


def _cell(of: OfClass, title: str) -> str:
    value: Any = getattr(of, _COLUMNS[title])
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if title in ("recall", "precision") else f"{value:.3g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
