"""All methods on all tasks: one of each source on its law or its stored settings, and the pools."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.errors import SweeperError
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.evaluation.regret import held_out_tasks
from sweeper.repository.sources import shipped, stored_choice
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.knowledge import Knowledge, learned
from tools.replay import pools
from tools.replay.grounds import Ground, Law
from tools.replay.known import Known
from tools.replay.methods import METHODS
from tools.replay.searches import TRIALS, Replayed, replay

#: The fewest settings that a task must be measured with to be searched.
FEWEST = 40

#: Trials of a search of stored settings, of which there are few.
OF_STORED = 30

#: Searches of a measured pool by each method.
REPEATS = 2

#: A task's id, see `own_studies.task_id`: its data and net, epochs, split and digits.
_ID = re.compile(r"(?P<what>.+), (?P<epochs>\d+) epochs(?P<split>.*) #\w+")


@dataclass(frozen=True)
class Search:
    """A method on a task.

    Attributes:
        method: its name.
        source: the task's.
        task: its id.
        regret: after each number of trials, in points.
        asking: seconds that the sampler took until each trial.
        settled: after how many trials it settled, if it did.
        seconds: of training a trial, NaN where nobody measured them.
    """

    method: str
    source: str
    task: str
    regret: FloatArray
    asking: FloatArray
    settled: int | None
    seconds: float = float("nan")


def known_for(objective: str) -> Knowledge:
    """Return all that the repository has on an objective."""
    choice = stored_choice(objective, None)
    return learned(shipped(), objective, *(() if choice is None else (choice.smooth, choice.share)))


def one_of_each_source(knowledge: Knowledge) -> list[int]:
    """Return the numbers of tasks to search: of each source the one with the most settings."""
    sizes = [0 if each is None else len(each.settings) for each in held_out_tasks(knowledge)]
    source = knowledge.responses.source
    found = []
    for each in np.unique(source):
        largest = max(map(int, np.flatnonzero(source == each)), key=lambda number: sizes[number])
        if sizes[largest] >= FEWEST:
            found.append(largest)
    return found


def same_or_like(ids: Sequence[str], pool: str) -> int:
    """Return the number of the task of a pool, or else of the one most like it.

    That is of the same data and net with classes held out or not, as the pool's, and the nearest
    number of epochs: what was stored before the splits changed had fewer classes and more epochs,
    of as many samples.

    Raises:
        SweeperError: there is none.
    """
    if pool in ids:
        return ids.index(pool)
    named = _ID.fullmatch(pool)
    like = [(number, _ID.fullmatch(each)) for number, each in enumerate(ids)]
    far = {
        number: abs(math.log(int(own["epochs"]) / int(named["epochs"])))
        for number, own in like
        if own and named and (own["what"], own["split"]) == (named["what"], named["split"])
    }
    if not far:
        raise SweeperError(f"the repository has no task like that of the pool {pool}")
    return min(far, key=lambda number: far[number])


def on_laws(objective: str) -> Iterator[Search]:
    """Yield searches of the surrogate of a task of each source."""
    knowledge = known_for(objective)
    for number in one_of_each_source(knowledge):
        known = _held_out(knowledge, number)
        noise = float(np.median(known.held.se))
        yield from _searches(known, Law(knowledge, number, known.rate, noise), TRIALS, 0)


def on_stored(objective: str) -> Iterator[Search]:
    """Yield searches of the stored settings of a task of each source, told half of the seeds."""
    knowledge = known_for(objective)
    for number in one_of_each_source(knowledge):
        known = _held_out(knowledge, number)
        task = str(knowledge.tasks["id"].iloc[number])
        table = pools.stored(shipped(), objective, task, known.rate)
        yield from _searches(known, pools.by_other_seeds(table, objective), OF_STORED, 0)


def on_pools(objective: str) -> Iterator[Search]:
    """Yield searches of the pools that were measured."""
    knowledge = known_for(objective)
    for table in pools.measured():
        if objective not in table:
            continue
        number = same_or_like(list(knowledge.tasks["id"]), str(table["task"].iloc[0]))
        known, seconds = _held_out(knowledge, number), float(table["seconds"].iloc[0])
        pool = pools.by_neighbors(table, objective)
        for seed in range(REPEATS):
            yield from _searches(known, pool, TRIALS, seed, seconds)


def _held_out(knowledge: Knowledge, number: int) -> Known:
    own: HeldOut | None = held_out_tasks(knowledge)[number]
    assert own is not None  # only such tasks are searched
    source = knowledge.responses.source
    return Known(knowledge.without(source == source[number]), own)


def _searches(
    known: Known, ground: Ground, trials: int, seed: int, seconds: float = float("nan")
) -> Iterator[Search]:
    size = trials if ground.size is None else min(trials, ground.size)
    found = {method: replay(method, ground, known, size, seed) for method in METHODS}
    best = ground.best
    if isinstance(ground, Law):  # was looked at in some places alone
        best = max(best, *(float(each.true.max()) for each in found.values()))
    task = known.held.task.iloc[0]
    for method, each in found.items():
        yield Search(
            method,
            str(task["source"]),
            str(task["id"]),
            100 * (best - _reached(each)),
            each.asking,
            each.settled,
            seconds,
        )


def _reached(found: Replayed) -> FloatArray:
    return np.array([found.reached(k + 1) for k in range(len(found.true))])
