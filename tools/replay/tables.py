"""What the searches say, as tables and sentences."""

from collections.abc import Sequence

import numpy as np

from sweeper.repository.evaluation.paired_tests import Mean, by_source, mean_over_sources
from sweeper.repository.surrogates.coordinates import FloatArray
from tools.pages import markdown
from tools.replay.compared import Search
from tools.replay.methods import COLD, OURS

#: After how many trials regrets are shown.
SHOWN = (1, 3, 5, 8, 12, 20, 30, 60)

#: Regrets, in points, until which a search's seconds are told.
NEAR = (1.0, 0.5, 0.25)

#: The goal: within how many trials ours does what cold TPE does in how many.
GOALS = {30: 5, 60: 12}


def curves(searches: Sequence[Search]) -> dict[str, FloatArray]:
    """Return the regret after each number of trials by method, ``[n, trials]``.

    A row for each source, or for each search where all are of one source.
    """
    length = min(len(each.regret) for each in searches)
    found = {}
    for method in dict.fromkeys(each.method for each in searches):
        own = [each for each in searches if each.method == method]
        rows = np.array([each.regret[:length] for each in own])
        if unit(searches) == "sources":
            rows = by_source(rows.T, np.array([each.source for each in own])).T
        found[method] = rows
    return found


def unit(searches: Sequence[Search]) -> str:
    """Return what the rows of `curves` are."""
    return "sources" if len({each.source for each in searches}) > 1 else "searches"


def by_trials(searches: Sequence[Search]) -> str:
    """Return the mean regrets over sources, or over the searches of one, ± standard error."""
    found = curves(searches)
    shown = [k for k in SHOWN if k <= found[OURS].shape[1]]
    rows = [
        [method, *(_with_error(mean_over_sources(each[:, k - 1])) for k in shown)]
        for method, each in found.items()
    ]
    return markdown(["trials", *map(str, shown)], rows)


def by_seconds(searches: Sequence[Search]) -> str:
    """Return the trials and the seconds of one trial after another until a regret is reached.

    Of the mean curve of one task; what the sampler takes counts as well.
    """
    rows = []
    each_trial = float(np.mean([each.seconds for each in searches]))
    for method, own in curves(searches).items():
        asking = np.mean([s.asking[: own.shape[1]] for s in searches if s.method == method], axis=0)
        cells = []
        for near in NEAR:
            trials = first_within(own.mean(0), near)
            if trials is None:
                cells.append(f"not in {own.shape[1]}")
                continue
            training = trials * each_trial
            cells.append(f"{trials} trials, {training:.0f} s + {asking[trials - 1]:.1f} s")
        rows.append([method, *cells])
    return markdown(["until", *(f"{near:g} points" for near in NEAR)], rows)


def first_within(regret: FloatArray, target: float) -> int | None:
    """Return the number of trials after which a regret is at most a target for the first time."""
    reached = np.flatnonzero(regret <= target)
    return int(reached[0]) + 1 if len(reached) else None


def goals(searches: Sequence[Search]) -> str:
    """Return within how many trials ours does what cold TPE does, as sentences."""
    found = curves(searches)
    cold, ours = found[COLD].mean(0), found[OURS].mean(0)
    said = []
    for trials, goal in GOALS.items():
        if trials > len(cold):
            continue
        needed = first_within(ours, float(cold[trials - 1]))
        own = sum(
            (within := first_within(mine, float(its[trials - 1]))) is not None and within <= goal
            for mine, its in zip(found[OURS], found[COLD], strict=True)
        )
        said.append(
            f"What TPE reaches in {trials} trials, {cold[trials - 1]:.1f} points, ours reaches "
            + (f"in {needed}" if needed is not None else "in no trial")
            + f" (goal: {goal}; met on {own} of {len(found[OURS])} {unit(searches)})."
        )
    return " ".join(said)


def settled(searches: Sequence[Search]) -> str:
    """Return where ours settled, as a sentence; some of the searches did."""
    own = [each for each in searches if each.method == OURS]
    ended = [(each.settled, each.regret) for each in own if each.settled is not None]
    low, middle, high = (int(np.quantile([k for k, _ in ended], q)) for q in (0.1, 0.5, 0.9))
    regret = mean_over_sources(np.array([each[k - 1] for k, each in ended]))
    return (
        f"{len(ended)} of {len(own)} searches settled, after {middle} trials in the middle ({low} "
        f"to {high} for eight in ten), {_with_error(regret)} points below the best."
    )


def _with_error(mean: Mean) -> str:
    return f"{mean.mean:.1f}" if np.isnan(mean.se) else f"{mean.mean:.1f} ± {mean.se:.1f}"
