"""A study's note in the dashboard: its question, its results, and how to continue."""

import math
import re
import shlex
from collections.abc import Sequence

import pandas as pd

from sweeper.console import count
from sweeper.registry.decay import Decay
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    BALANCED_MEANING,
    DEFAULT_OBJECTIVE,
    MAJORITY_BASELINE,
    OBJECTIVES,
)
from sweeper.registry.pruners import NO_PRUNER
from sweeper.registry.terms import TERMS
from sweeper.report.controls import controls_are
from sweeper.report.figures.axes import Measure, label
from sweeper.report.figures.rows import FigureRows
from sweeper.report.imbalance import Accuracies, imbalance_line
from sweeper.store import StudySummary
from sweeper.study.space.dimensions import Choices, Range
from sweeper.study.study_file import StudySpec
from sweeper.study.study_keys import AugmentationTable

#: Ends our part of the note; users may write below it. Notes in databases contain this line, so
#: do not change it.
END = "*sweeper keeps what stands above this line up to date; what you write below it stays.*"

_DECAYS: dict[Decay, str] = {"step": "lowered at each step", "epoch": "lowered after each epoch"}


def note(
    summary: StudySummary,
    table: pd.DataFrame,
    storage: str | None,
    has_sheet: bool,
    outlook: Sequence[str] = (),
    confirmed: Sequence[str] = (),
) -> str:
    """Return the note as Markdown, down to `END`.

    Args:
        summary: the study and its progress.
        table: its trials, from `sweeper.store.results.frames.trial_table`.
        storage: the ``--storage`` URL of the database, or None if it must not be shown.
        has_sheet: whether the dashboard has a contact sheet of the study's images.
        outlook: what there is to say of the search as a whole, see `sweeper.report.outlook.lines`.
        confirmed: what there is to say of its confirmation, see `sweeper.report.confirmed.lines`.
    """
    spec = StudySpec.from_json(summary.study.spec)
    parts = [
        f"# {_escape(summary.study.name)}",
        f"**{_question(spec)}**",
        _facts(summary, spec),
        f"## {_progress(summary)}",
        _results(spec, table),
        *map(_sentence, outlook),
        *(["## Confirmation", *map(_escape, confirmed)] if confirmed else []),
        _explanations(spec, summary.study.split, BALANCED_ACCURACY in table),
        *_on_sheet(summary, has_sheet),
        "## How to continue",
        _continue(summary, storage),
        END,
    ]
    return "\n\n".join(parts)


def keep_user_text(text: str, before: str) -> str:
    """Return a new note followed by the text that users had written below the old one."""
    user_text = (before.partition(END)[2] if END in before else before).strip()
    return f"{text}\n\n{user_text}" if user_text else text


def _question(spec: StudySpec) -> str:
    aims = " and ".join(OBJECTIVES[name].question for name in spec.objectives)
    if spec.kind == "experiment":
        return f"How well do {count(spec.n_trials, 'fixed setting')} {aims}?"
    searched = [name for name in all_hyperparameters() if name in spec.space]
    beside = f" plus {_listed(spec.beside)}" if spec.beside else ""
    return f"Which {_listed(searched)} of the {spec.loss} loss{beside} best {aims}?"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _facts(summary: StudySummary, spec: StudySpec) -> str:
    study, task = summary.study, summary.study.task
    data = task.dataset
    batch = task.batch_size if spec.per_class is None else f"{spec.per_class} of each class"
    shape = "×".join(map(str, data.input_shape))
    rows = [
        (
            "data",
            f"{_escape(data.name)}: {count(data.samples, 'sample')} of {shape}, "
            + count(data.num_classes, "class"),
        ),
        ("net", f"{_escape(task.net)}, embedding of {task.embedding} numbers"),
        (
            "budget",
            f"{count(study.n_trials, 'trial')} × {count(spec.seeds, 'seed')} × "
            f"{count(task.epochs, 'epoch')}, batches of {batch}",
        ),
        ("learning rate", f"cosine decay, {_DECAYS[spec.decay]}"),
    ]
    if changes := _changes(spec.augmentation):
        rows.append(("augmentation", ", ".join(changes)))
    settings = spec.settings_list()  # each may have its own terms
    terms = {term for setting in settings for term in setting.terms} if settings else spec.beside
    if terms:
        rows.append(("terms", ", ".join(term for term in TERMS if term in terms)))
    if spec.space:
        named = ", ".join(f"{name} {_extent(dimension)}" for name, dimension in spec.space.items())
        pruner = "" if spec.pruner == NO_PRUNER else f", pruned by {spec.pruner}"
        rows.append(("searched", f"{named}; by {spec.sampler}{pruner}"))
    if spec.fixed:
        fixed = ", ".join(f"{name} {value:g}" for name, value in spec.fixed.items())
        rows.append(("fixed", fixed))
    return _table(("", ""), rows)


def _changes(augmentation: AugmentationTable) -> list[str]:
    """Return the augmentations applied to the images of a batch, empty if there are none."""
    crop, rotation = augmentation.crop, augmentation.rotation
    augmentations = {
        f"cropped at random after padding by {count(crop, 'pixel')}": crop,
        f"rotated by up to {rotation:.3g} radians": rotation,
        "mirrored left to right": augmentation.horizontal_flip,
        "mirrored upside down": augmentation.vertical_flip,
    }
    return [words for words, active in augmentations.items() if active]


def _extent(dimension: Range | Choices) -> str:
    if isinstance(dimension, Choices):
        return "of " + ", ".join(f"{value:g}" for value in dimension.choices)
    step = f" in steps of {dimension.step:g}" if dimension.step else ""
    return f"{dimension.low:g} to {dimension.high:g}{' (log)' if dimension.log else ''}{step}"


def _progress(summary: StudySummary) -> str:
    budget = summary.study.n_trials
    parts = [f"{number} {state}" for state, number in summary.told.items() if number]
    states = f" ({', '.join(parts)})" if parts else ""
    done = "All" if summary.counted >= budget else f"{summary.counted} of"
    return f"{done} {count(budget, 'trial')} done{states}"


def _results(spec: StudySpec, table: pd.DataFrame) -> str:
    """Return the table of the best trials (or an experiment's settings) and the controls."""
    measures = [Measure.of(spec, name) for name in spec.objectives]
    rows = {measure: FigureRows.of(table, measure) for measure in measures}
    first = rows[measures[0]]
    if first.complete.empty and first.controls.empty:
        return "No trial is complete yet."
    chosen = []
    for measure in measures:
        if spec.kind == "experiment":
            continue
        for _, row in rows[measure].best(measure).iterrows():
            word = "best" if len(measures) == 1 else f"best {measure.objective}"
            chosen.append((f"**{word}**, {label(row, spec)}", row))
    if spec.kind == "experiment":
        chosen = [(label(row, spec), row) for _, row in first.complete.iterrows()]
    chosen += [(label(row, spec), row) for _, row in first.controls.iterrows()]
    columns = {"setting": [name for name, _ in chosen]}
    for measure in measures:
        columns[measure.name] = [measure.text(row) for _, row in chosen]
        if any(balanced := [measure.beside(row) for _, row in chosen]):
            title = f"{measure.split} {BALANCED_ACCURACY}"
            columns[title] = [text or "–" for text in balanced]
    lines = [_table(tuple(columns), list(zip(*columns.values(), strict=True)))]
    settings = [row for rows in (first.complete, first.controls) for _, row in rows.iterrows()]
    if (story := imbalance_line([_accuracies(row, spec) for row in settings])) is not None:
        lines.append(f"**Note**: {story}.")
    return "\n\n".join(lines)


def _accuracies(row: pd.Series, spec: StudySpec) -> Accuracies:
    """Return the accuracies of a row, NaN where earlier versions stored none."""

    def value(name: str) -> float:
        return float(row.get(name, math.nan))

    accuracy, balanced = (
        (value(name), value(f"{name}_std")) for name in (DEFAULT_OBJECTIVE, BALANCED_ACCURACY)
    )
    majority = value(MAJORITY_BASELINE)
    return Accuracies(_escape(label(row, spec)), int(row["seeds"]), accuracy, balanced, majority)


def _sentence(line: str) -> str:
    return f"{_escape(line[:1].upper() + line[1:])}."


def _explanations(spec: StudySpec, split: str, balanced: bool) -> str:
    spread = f"mean ± standard deviation over {spec.seeds} seeds" if spec.seeds > 1 else "one seed"
    lines = [f"Each value is the {spread}." if spec.seeds > 1 else f"Each value is from {spread}."]
    lines += [
        f"*{name}*: {OBJECTIVES[name].meaning.format(split=split)}." for name in spec.objectives
    ]
    if balanced and DEFAULT_OBJECTIVE in spec.objectives:
        lines.append(f"*{BALANCED_ACCURACY}*: {BALANCED_MEANING}.")
    if spec.kind == "search":
        lines.append(
            "The best trial is selected on the same validation data that these values come from, "
            f"so its value is slightly too good by chance; the controls are {controls_are(spec)}. "
            "A lead of less than a standard deviation may be noise."
        )
    lines.append(
        "Figures of the response to each hyperparameter and of the learning curves are on the "
        "study's first page, below the timeline."
    )
    return "\n\n".join(lines)


def _on_sheet(summary: StudySummary, has_sheet: bool) -> list[str]:
    """Return a line on the contact sheet, nothing for embeddings, of which there is none."""
    if has_sheet:
        return ["The contact sheet there shows images of each class as the net sees them."]
    if len(summary.study.task.dataset.input_shape) == 1:
        return []
    return [
        "There is no contact sheet of the images: `sweeper run` draws it, where the data are at "
        "hand."
    ]


def _continue(summary: StudySummary, storage: str | None) -> str:
    done = summary.counted >= summary.study.n_trials
    command = f"sweeper {'results' if done else 'worker'} {shlex.quote(summary.study.name)}"
    if storage is not None:
        command += f" --storage {shlex.quote(storage)}"
    lines = [f"    {command}"]
    if storage is None:
        lines.append("with `SWEEPER_STORAGE` set to the URL of this database.")
    if done and summary.study.kind != "experiment":
        lines.append(
            "shows all trials. Run the study again with a larger `--n-trials` to continue it."
        )
    return "\n\n".join(lines)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escape(text: str) -> str:
    """Escape text for Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", text)
