"""What came out of a confirmation: a table, and the winner beside each control seed by seed."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from sweeper.report.tables import print_line, print_table
from sweeper.report.text import PERCENT, count, measured
from sweeper.search.confirm import diverged
from sweeper.search.ranking import cost
from sweeper.search.vocabulary import OBJECTIVES
from sweeper.setting import Setting
from sweeper.store import Confirmation
from sweeper.store.confirmations import Label, Values

#: Differences that vary by less, relative to the values, are one number: values are float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Paired:
    """Differences seed by seed; what cannot be computed is NaN.

    Attributes:
        mean: of the differences.
        low: the lower end of their 95 % t-interval.
        high: the upper end.
        p: of the paired t-test, two-sided; NaN where all differences are the same.
        seeds: how many were compared.
        left_out: the seeds without a finite value on one side.
    """

    mean: float
    low: float
    high: float
    p: float
    seeds: int
    left_out: tuple[int, ...]


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Paired:
    """Compare two settings' values by seed: ours minus theirs.

    Args:
        ours: values by seed.
        theirs: likewise; seeds that only one of them has are left out, as is what is not finite.
    """
    every = sorted(ours.keys() | theirs.keys())
    pairs = {seed: (ours.get(seed, math.nan), theirs.get(seed, math.nan)) for seed in every}
    left_out = tuple(seed for seed, pair in pairs.items() if not all(map(math.isfinite, pair)))
    kept = [pair for seed, pair in pairs.items() if seed not in left_out]
    differences = [a - b for a, b in kept]
    number = len(differences)
    mean = statistics.fmean(differences) if number else math.nan
    if number < 2:
        return Paired(mean, math.nan, math.nan, math.nan, number, left_out)
    spread = statistics.stdev(differences)
    if spread <= _ROUNDING * max(abs(value) for pair in kept for value in pair):
        return Paired(mean, mean, mean, math.nan, number, left_out)
    error = spread / math.sqrt(number)
    reach = error * float(stats.t.ppf(0.975, number - 1))
    p = 2 * float(stats.t.sf(abs(mean) / error, number - 1))
    return Paired(mean, mean - reach, mean + reach, p, number, left_out)


def print_confirmation(
    confirmation: Confirmation, objectives: tuple[str, ...], settings: Mapping[Label, Setting]
) -> None:
    """Print the table on standard output, the winner first, and the comparisons under it.

    Args:
        confirmation: what to print.
        objectives: of the study; the first has chosen.
        settings: of the trials and the controls.
    """
    known = confirmation.values[confirmation.winner]["validation"]
    # Of retrieval alone there are no images to measure it on.
    accuracy = ("accuracy",) if "accuracy" in known else ()
    measures = tuple(dict.fromkeys((*objectives, *accuracy)))
    labels = _ordered(confirmation, objectives[0])
    names = {label: label if isinstance(label, str) else f"trial {label}" for label in labels}
    names[confirmation.winner] += ", the winner"
    described = _described({label: settings[label] for label in labels})
    columns = [f"{split} {name}" for name in measures for split in ("validation", "test")]
    print_table(
        ("", "setting", *columns),
        [
            (
                names[label],
                described[label],
                *_cells(confirmation.values[label], measures),
            )
            for label in labels
        ],
        numbers=columns,
    )
    for line in _notes(confirmation, objectives, labels, names):
        print_line(line)


def _described(settings: Mapping[Label, Setting]) -> dict[Label, str]:
    """Write each setting, with those of the optimiser's numbers that differ between them."""
    names = ("lr", "weight_decay")
    varying = [n for n in names if len({getattr(s, n) for s in settings.values()}) > 1]
    return {
        label: ", ".join([s.describe(), *(f"{n} {getattr(s, n):.3g}" for n in varying)])
        for label, s in settings.items()
    }


def _ordered(confirmation: Confirmation, objective: str) -> list[Label]:
    """Return the winner, the other trials, the best on validation data first, and the controls."""

    def rank(label: Label) -> tuple[bool, bool, float]:
        if isinstance(label, str):
            return True, True, 0.0
        values = confirmation.values[label]["validation"][objective].values()
        return False, label != confirmation.winner, cost(objective, statistics.fmean(values))

    return sorted(confirmation.values, key=rank)


def _cells(values: Values, measures: tuple[str, ...]) -> list[str]:
    return [
        _cell(name, list(values[split][name].values())) if split in values else "–"
        for name in measures
        for split in ("validation", "test")
    ]


def _cell(measure: str, values: list[float]) -> str:
    """Write mean and spread over the seeds that have a value."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return "diverged"
    finite = len(known) > 1 and all(map(math.isfinite, known))  # a collapse is infinite
    spread = statistics.stdev(known) if finite else math.nan
    return measured(measure, statistics.fmean(known), spread)


def _notes(
    confirmation: Confirmation,
    objectives: tuple[str, ...],
    labels: list[Label],
    names: Mapping[Label, str],
) -> list[str]:
    tried = sum(isinstance(label, int) for label in labels)
    notes = [
        f"mean ± standard deviation of {count(confirmation.seeds, 'further seed')}, which took no "
        f"part in the search; chosen from {count(tried, 'trial')} by {objectives[0]} on validation "
        "data, then the test data were read"
    ]
    for label in labels:
        if lost := diverged(confirmation.values[label], objectives[0]):
            said = f"{names[label]}: diverged with seed {_listed(lost)}, left out of its means"
            notes.append(f"{said}; a trial that diverges is not chosen")
    own = confirmation.values[confirmation.winner]["test"]
    controls = [label for label in labels if isinstance(label, str)]
    for name in objectives:
        for label in controls:
            result = paired(own[name], confirmation.values[label]["test"][name])
            notes.append(f"winner minus {label}, test {name}: {_told(name, result)}")
    if controls:
        notes.append(
            "Seeds are the only units: all are trained and tested on the same images, so the "
            "intervals say nothing of other images."
        )
    return notes


def _told(measure: str, result: Paired) -> str:
    """Write a comparison in one line; shares in percentage points."""
    less = " (less is better)" if OBJECTIVES[measure] == "minimize" else ""
    said = f"{_signed(measure, result.mean)}{less}"
    if not result.seeds:
        said = "not to be compared, no seed is left"
    elif result.seeds == 1:
        said += ", one seed, so no interval"
    elif math.isnan(result.p):
        said += f" with each of {count(result.seeds, 'seed')}, so there is no test"
    else:
        low, high = _signed(measure, result.low), _signed(measure, result.high)
        p = "p < 0.001" if result.p < 0.001 else f"p = {result.p:.2g}"
        said += f", 95 % interval {low} to {high}, {p} (paired t-test, {result.seeds} seeds)"
    if result.left_out:
        said += f"; without seed {_listed(result.left_out)}, which diverged or collapsed"
    return said


def _signed(measure: str, value: float) -> str:
    return f"{100 * value:+.2f} points" if measure in PERCENT else f"{value:+.4f}"


def _listed(seeds: list[int] | tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))
