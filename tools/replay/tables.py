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

    Of the mean curve of each task, the median over tasks, those that never come so near being the
    last; what the sampler takes counts as well.
    """
    rows = []
    for method in dict.fromkeys(each.method for each in searches):
        tasks = [
            [each for each in searches if each.method == method and each.task == task]
            for task in dict.fromkeys(each.task for each in searches)
        ]
        cells = []
        for near in NEAR:
            until = [_until(own, near) for own in tasks]
            reached = sum(trials < np.inf for trials, _ in until)
            trials, seconds = np.quantile(until, 0.5, axis=0, method="higher")
            cells.append(
                (f"{trials:.0f} trials, {seconds:.0f} s" if trials < np.inf else "–")
                + f" ({reached} of {len(tasks)})"
            )
        rows.append([method, *cells])
    return markdown(["until", *(f"{near:g} points" for near in NEAR)], rows)


def _until(searches: Sequence[Search], near: float) -> tuple[float, float]:
    """Return the trials and the seconds until the mean curve of one task is as near."""
    regret = np.mean([each.regret for each in searches], axis=0)
    trials = first_within(regret, near)
    if trials is None:
        return np.inf, np.inf
    asking = float(np.mean([each.asking[trials - 1] for each in searches]))
    return trials, trials * searches[0].seconds + asking


def by_task(searches: Sequence[Search]) -> str:
    """Return the goals task by task: cold TPE's regret, and after how many trials ours is there."""
    rows = []
    for task in dict.fromkeys(each.task for each in searches):
        own = [each for each in searches if each.task == task]
        cold, ours = (
            np.mean([each.regret for each in own if each.method == method], axis=0)
            for method in (COLD, OURS)
        )
        cells = []
        for trials in GOALS:
            needed = first_within(ours, float(cold[trials - 1]))
            cells += [f"{cold[trials - 1]:.1f}", str(needed or "never")]
        rows.append([task.partition(",")[0], f"{own[0].seconds:.2g}", *cells])
    header = ["task", "seconds a trial"]
    for trials, goal in GOALS.items():
        header += [f"TPE after {trials}", f"ours there after (goal: {goal})"]
    return markdown(header, rows)


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
