"""The results of a confirmation: a table, and paired comparisons of the winner and controls."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeper.confirm.confirmation import diverged
from sweeper.confirm.paired import Paired, paired
from sweeper.confirm.verdict import exported, verdict
from sweeper.console import count, rounded
from sweeper.registry.objectives import BALANCED_ACCURACY, DEFAULT_OBJECTIVE, OBJECTIVES, is_share
from sweeper.registry.setting import Setting
from sweeper.report.confirmed import figure
from sweeper.report.earlier_reads import told
from sweeper.report.tables import print_line, print_table
from sweeper.store import Confirmation
from sweeper.store.results.confirmations import Label, Values
from sweeper.study.ranking import cost


@dataclass(frozen=True)
class ConfirmationTable:
    """A confirmation in words.

    Attributes:
        header: of the columns: what was trained again, its setting, and the measures.
        rows: the winner first.
        comparisons: what the figures are, and the winner against the controls.
        outcome: when these test data were read before, the verdict, and what is exported.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    comparisons: Sequence[str]
    outcome: Sequence[str]

    @property
    def measured(self) -> Sequence[str]:
        """The columns of numbers."""
        return self.header[2:]


def print_confirmation(
    confirmation: Confirmation, objectives: tuple[str, ...], settings: Mapping[Label, Setting]
) -> None:
    """Print `confirmation_table` on standard output."""
    table = confirmation_table(confirmation, objectives, settings)
    print_table(table.header, table.rows, numbers=table.measured)
    for line in (*table.comparisons, *table.outcome):
        print_line(line)


def confirmation_table(
    confirmation: Confirmation, objectives: tuple[str, ...], settings: Mapping[Label, Setting]
) -> ConfirmationTable:
    """Return what was trained again, the winner first, and the comparisons to stand below.

    Args:
        confirmation: the confirmation, finished.
        objectives: of the study; the winner was chosen by the first.
        settings: of the trials and the controls.
    """
    known = confirmation.values[confirmation.winner]["validation"]
    # Without images of the trained classes, as for retrieval alone, it is not measured.
    accuracy = [name for name in (DEFAULT_OBJECTIVE, BALANCED_ACCURACY) if name in known]
    measures = tuple(dict.fromkeys((*objectives, *accuracy)))
    labels = _ordered(confirmation, objectives[0])
    names = {label: label if isinstance(label, str) else f"trial {label}" for label in labels}
    names[confirmation.winner] += ", the winner"
    setting_texts = _setting_texts({label: settings[label] for label in labels})
    columns = [f"{split} {name}" for name in measures for split in ("validation", "test")]
    return ConfirmationTable(
        ("", "setting", *columns),
        [
            (names[label], setting_texts[label], *_cells(confirmation.values[label], measures))
            for label in labels
        ],
        _notes(confirmation, objectives, labels, names),
        [
            *told(confirmation.earlier),
            *verdict(confirmation, objectives[0]),
            exported(confirmation, objectives[0]),
        ],
    )


def _setting_texts(settings: Mapping[Label, Setting]) -> dict[Label, str]:
    """Format each setting, with the optimizer hyperparameters that differ between them."""
    names = ("lr", "weight_decay")
    varying = [n for n in names if len({getattr(s, n) for s in settings.values()}) > 1]
    return {
        label: ", ".join([s.describe(), *(f"{n} {getattr(s, n):.3g}" for n in varying)])
        for label, s in settings.items()
    }


def _ordered(confirmation: Confirmation, objective: str) -> list[Label]:
    """Return the winner, the other trials (best on validation data first), and the controls."""

    def rank(label: Label) -> tuple[bool, bool, float]:
        if isinstance(label, str):
            return True, True, 0.0
        values = confirmation.values[label]["validation"][objective].values()
        return False, label != confirmation.winner, cost(objective, statistics.fmean(values))

    return sorted(confirmation.values, key=rank)


def _cells(values: Values, measures: tuple[str, ...]) -> list[str]:
    return [
        figure(name, values[split][name].values()) if split in values else "–"
        for name in measures
        for split in ("validation", "test")
    ]


def _notes(
    confirmation: Confirmation,
    objectives: tuple[str, ...],
    labels: list[Label],
    names: Mapping[Label, str],
) -> list[str]:
    tried = sum(isinstance(label, int) for label in labels)
    notes = [
        f"mean ± standard deviation of {count(confirmation.seeds, 'new seed')}, not used in the "
        f"search; winner chosen from {count(tried, 'trial')} by {objectives[0]} on validation "
        "data, before the test data were read"
    ]
    for label in labels:
        if lost := diverged(confirmation.values[label], objectives[0]):
            note = f"{names[label]}: diverged with seed {_listed(lost)}, left out of its means"
            notes.append(f"{note}; a trial that diverges cannot win")
    winner_values = confirmation.values[confirmation.winner]["test"]
    controls = [label for label in labels if isinstance(label, str)]
    for name in objectives:
        for label in controls:
            result = paired(winner_values[name], confirmation.values[label]["test"][name])
            notes.append(f"winner minus {label}, test {name}: {_comparison(name, result)}")
    if controls:
        notes.append(
            "The intervals cover only the variation between seeds: all runs are trained and tested "
            "on the same images, so they say nothing about other images."
        )
    return notes


def _comparison(measure: str, result: Paired) -> str:
    """Format a comparison in one line, shares in percentage points."""
    direction = "" if OBJECTIVES[measure].maximize else " (smaller is better)"
    text = f"{_signed(measure, result.mean)}{direction}"
    if not result.seeds:
        text = "cannot be compared, no seed is left"
    elif result.seeds == 1:
        text += ", only one seed, so no interval"
    elif math.isnan(result.p):
        text += f" with each of {count(result.seeds, 'seed')}, so no test is possible"
    else:
        low, high = _signed(measure, result.low), _signed(measure, result.high)
        p = "p < 0.001" if result.p < 0.001 else f"p = {result.p:.2g}"
        text += f", 95 % interval {low} to {high}, {p} (paired t-test, {result.seeds} seeds)"
    if result.left_out:
        text += f"; without seed {_listed(result.left_out)}, which diverged or collapsed"
    return text


def _signed(measure: str, value: float) -> str:
    return f"{rounded(100 * value, '+.2f')} points" if is_share(measure) else rounded(value, "+.4f")


def _listed(seeds: list[int] | tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))
