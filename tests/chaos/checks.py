"""What must hold once nobody works on the study any more."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from optuna.trial import TrialState
from sqlalchemy import text

from sweeper import store
from sweeper.study.open_study import OpenStudy
from sweeper.worker.queue.repeating import MAX_SUSPECT_FAILURES, ORIGINAL, RETRY_OF

from .study import N_TRIALS, results

#: What the script can bring about.
CAUSES = {
    store.LOST,
    store.KILLED,
    store.PREEMPTED,
    store.INTERRUPTED,
    store.DATABASE_GONE,
    store.NON_FINITE,
}
SAME = 1e-9


def is_given_up(record: store.TrialRecord) -> bool:
    """Return whether a trial took too many workers with it."""
    return (record.cause or "").startswith(store.GIVEN_UP)


def causes(records: list[store.TrialRecord]) -> Counter[str]:
    """Return how often each cause came."""
    named = [store.kind_of(record.cause) for record in records if record.cause]
    return Counter("given up" if name.startswith("given up") else name for name in named)


def faults(
    opened: OpenStudy, undisturbed: dict, began: datetime, prunes: bool, states: list[Path]
) -> Iterator[str]:
    """Yield what does not hold."""
    records = store.load_trials(opened.database, opened.stored.id)
    trials = opened.optuna_study().get_trials(deepcopy=False)
    yield from _ended(opened, records, trials)
    yield from _once(records, undisturbed)
    yield from _chains(records, trials)
    yield from _told(records, trials)
    yield from _timely(trials, began)
    yield from _equal(records, undisturbed, prunes)
    yield from _left(opened, states)


def _ended(opened, records, trials) -> Iterator[str]:
    summary = store.summarize(opened.database, opened.stored.name)
    if summary.counted != N_TRIALS:
        yield f"{summary.counted} trials count, not {N_TRIALS}"
    for lease in store.held(opened.database, opened.stored.id):
        yield f"a lease is held: {lease}"
    for trial in trials:
        if not trial.state.is_finished():
            yield f"trial {trial.number} is {trial.state.name.lower()} for Optuna"
    for record in records:
        cause = store.kind_of(record.cause)
        if record.state == "failed" and cause not in CAUSES and not is_given_up(record):
            yield f"trial {record.number} {record.control} failed with the cause {record.cause!r}"
        if record.state != "failed" and record.cause:
            yield f"trial {record.number} is {record.state} with the cause {record.cause!r}"


def _once(records, undisturbed) -> Iterator[str]:
    counted = [record for record in records if not store.is_retryable(record.cause)]
    times = Counter((record.control, record.setting) for record in counted)
    for (control, setting), count in times.items():
        if count > 1:
            numbers = [r.number for r in counted if (r.control, r.setting) == (control, setting)]
            yield f"{control or setting.describe()} counts {count} times: {numbers}"
    for control, setting in undisturbed.keys() - times.keys():
        yield f"{control or setting.describe()} does not count at all"


def _chains(records, trials) -> Iterator[str]:
    """What counts has no copy, and nothing has two; who is given up failed often enough before.

    One that does not count may have none: it was lost while it was asked for, and the sampler
    proposes its point again, which `_once` sees to.
    """
    copies: dict[int, list[int]] = {}
    for trial in trials:
        if RETRY_OF in trial.user_attrs:
            copies.setdefault(trial.user_attrs[RETRY_OF], []).append(trial.number)
    harms: Counter[int] = Counter()
    for record in records:
        if record.number is None:
            continue
        trial, found = trials[record.number], copies.get(record.number, [])
        first = trial.user_attrs.get(ORIGINAL, record.number)
        if len(found) > store.is_retryable(record.cause):
            yield f"trial {record.number} ({record.state}, {record.cause}) has the copies {found}"
        harms[first] += store.kind_of(record.cause) in store.SUSPECT_CAUSES
        if is_given_up(record) and harms[first] < MAX_SUSPECT_FAILURES - 1:
            yield f"trial {record.number} is {record.cause} after {harms[first]} harms"


def _told(records, trials) -> Iterator[str]:
    """Optuna knows what our tables know."""
    states = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}
    stored = {record.number: record for record in records if record.number is not None}
    for trial in trials:
        record = stored.pop(trial.number, None)
        if record is None:
            yield f"trial {trial.number} ({trial.state.name}) is in Optuna's tables alone"
        elif trial.state != TrialState[states[record.state]]:
            yield f"trial {trial.number} is {record.state}, for Optuna {trial.state.name}"
        elif record.cause != trial.user_attrs.get("cause"):
            theirs = trial.user_attrs.get("cause")
            yield f"trial {trial.number}: cause {record.cause!r}, for Optuna {theirs!r}"
    if stored:
        yield f"trials {sorted(stored)} are in our tables alone"


def _timely(trials, began: datetime) -> Iterator[str]:
    second, now = timedelta(seconds=1), datetime.now()
    for trial in trials:
        moments = [trial.datetime_start, trial.datetime_complete]
        if None in moments or not began - second < moments[0] <= moments[1] < now + second:
            times = " to ".join(map(str, moments))
            yield f"trial {trial.number} ({trial.state.name}) went from {times}"


def _equal(records, undisturbed, prunes: bool) -> Iterator[str]:
    for key, (record, numbers) in results(records).items():
        expected = undisturbed.get(key)
        name = f"trial {record.number} {record.control or ''}"
        if expected is None:
            yield f"{name}: {record.setting.describe()} was not asked for"
            continue
        complete, theirs = expected
        pruned = prunes and record.state == "pruned"
        if not pruned and (record.state, record.epochs) != (complete.state, complete.epochs):
            yield f"{name} is {record.state} after {record.epochs} epochs"
            continue
        if pruned:  # then its values are those of a rung, which the other run has not
            numbers = {what: number for what, number in numbers.items() if "epoch" in what}
            curves = [len(seed.curve) for seed in record.seeds]
            if curves != [record.epochs] * len(complete.seeds):
                yield f"{name} was pruned after {record.epochs} epochs, its curves have {curves}"
        elif numbers.keys() != theirs.keys():
            yield f"{name} has other measures: {sorted(numbers.keys() ^ theirs.keys())}"
            continue
        for what, number in numbers.items():
            if not math.isclose(number, theirs[what], rel_tol=SAME, abs_tol=SAME):
                yield f"{name}: {what} is {number}, not {theirs[what]}"
                break


def _left(opened: OpenStudy, states: list[Path]) -> Iterator[str]:
    for state in states:
        if files := [file.name for file in state.rglob("*") if file.is_file()]:
            yield f"{len(files)} files are left in {state}: {files[:3]}"
    with opened.database.session() as session:
        labels = session.scalars(text("SELECT label FROM sweeper_checkpointed")).all()
    if labels:
        yield f"checkpoints are left of {', '.join(sorted(labels))}"
