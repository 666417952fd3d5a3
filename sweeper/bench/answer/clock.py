"""The clock: seconds until a setting that is as good as the best known is chosen and confirmed.

Four methods search the same space on the same task with the same trainings: the combined loss with
all its margins, its scale and the learning rate; net, epochs, batches and the seeds of a trial are
the task's, and no method trains controls. They differ only in the way:

(a) Optuna's TPE, one trial after another, each from a DataLoader;
(b) Optuna's TPE in a process per core, on tensors in memory;
(c) ours, knowing nothing of other data sets (`--cold`);
(d) ours, which begins with the shortlist and goes on by what the repository says. The source of the
    task's data is left out of the repository.

Every search and every confirmation is a fresh process, and its clock starts with that: imports,
reading the data, asking the repository, and starting and timing workers are on it. What ours once
measured of the machine is not known to it. (a) and (b) have a number of trials, ours ends where it
has settled.

**What counts as an answer.** At any moment a method would choose the setting with the best mean on
validation data over its own seeds, the same number for all. The judge scores settings on the same
validation data by seeds of its own. The best known is what it finds best, by four seeds, among the
three best of every method at its end; its worth, and that of everything else, is the mean of eight
other seeds. An answer is there at the first moment at which the choice is within one point of the
best known by the judge, and is confirmed within one: the best three of that moment are trained
again, in the method's own way, with as many further seeds as a trial has, and the best of them by
these is within a point, too. The time of the answer is that moment's, and the confirmation's. Where
the confirmation picks another one that is not, the next moment at which the best three changed is
taken. No method knows when it has got there: that is what the judge knows.

Runs differ in the split and in the seed of the sampler; methods take turns within a run.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sweeper.bench.answer import ours, usual
from sweeper.bench.answer.judge import Judge
from sweeper.bench.answer.searched import Searched, Tried
from sweeper.bench.answer.tasks import AnswerTask
from sweeper.bench.process import Process
from sweeper.errors import SweeperError
from sweeper.launch.planning import cores
from sweeper.registry.setting import Setting

USUAL, PROCESSES, COLD, OURS = (
    "(a) Optuna, DataLoader",
    "(b) Optuna, process per core",
    "(c) sweeper --cold",
    "(d) sweeper",
)
METHODS = (USUAL, PROCESSES, COLD, OURS)

#: Points below the best known within which a setting is as good.
WITHIN = 1.0

#: Confirmations that are tried before a method counts as one without an answer.
_PATIENCE = 3


@dataclass(frozen=True)
class Answer:
    """What came of a method in a run.

    Attributes:
        method: its name.
        reached: whether it got to an answer.
        seconds: until the answer was confirmed; else until the search had ended.
        trials: that had begun by then, those too that were stopped early.
        confirmation: seconds of it.
        ended: seconds until the search ended by itself.
        tried: trials by then.
        curve: moments at which the choice changed, and its regret from then on, in points.
    """

    method: str
    reached: bool
    seconds: float
    trials: int
    confirmation: float
    ended: float
    tried: int
    curve: list[tuple[float, float]]


def run_once(
    task: AnswerTask, run: int, folder: Path, tell: Callable[[str], None] = lambda line: None
) -> list[Answer]:
    """Return the answers of all methods in one run, in the order of `METHODS`.

    Args:
        task: what is searched.
        run: number of the run.
        folder: for databases, new for each run and task.
        tell: called with one line per step.
    """
    folder.mkdir(parents=True)
    turns = METHODS[run % len(METHODS) :] + METHODS[: run % len(METHODS)]
    searches: dict[str, Searched] = {}
    for method in turns:
        searches[method] = found = _search(method, task, run, folder)
        tell(f"{task.name}, run {run}, {method}: {found.ended:.1f} s, {len(found.tried)} trials")
        if not found.best(found.ended):
            raise SweeperError(f"{method}: every trial diverged; there is nothing to compare")
    process = Process(cores(), as_worker=True)
    try:
        judge = Judge(lambda *what: process.call(ours.confirm, task, run, *what))
        judge.choose_best(each for found in searches.values() for each in found.best(found.ended))
        judge.score(found.best(at)[0] for found in searches.values() for at in found.moments())
        answers = []
        for method in METHODS:
            confirm = partial(confirmed, method, task, run)
            answers.append(answer_of(method, searches[method], judge, confirm))
            tell(f"{task.name}, run {run}, {method}: {answers[-1].seconds:.1f} s to the answer")
        return answers
    finally:
        process.close()


def answer_of(
    method: str,
    found: Searched,
    judge: Judge,
    confirm: Callable[[Sequence[Setting]], tuple[float, Setting]],
) -> Answer:
    """Return the answer of a search.

    Args:
        method: its name.
        found: what was tried, and when.
        judge: says what settings are worth.
        confirm: trains settings again; returns the seconds that took, and which one it chooses.
    """
    curve = [(at, judge.regret(found.best(at)[0])) for at in found.moments()]
    tries, whole = 0, (found.ended, len(found.tried), curve)
    for at, regret in curve:
        if regret > WITHIN or tries == _PATIENCE:
            continue
        tries += 1
        seconds, winner = confirm(found.best(at))
        if judge.regret(winner) <= WITHIN:
            return Answer(method, True, at + seconds, found.trials(at), seconds, *whole)
    return Answer(method, False, found.ended, len(found.tried), 0.0, *whole)


def _search(method: str, task: AnswerTask, run: int, folder: Path) -> Searched:
    if method == PROCESSES:
        return _search_on_processes(task, run, folder)
    began = time.time()
    if method == USUAL:
        arguments: tuple[Any, ...] = (usual.search, task, run, usual.with_loader, task.trials)
        arguments = (*arguments, None, 0)
    else:
        arguments = (ours.search, task, run, method == COLD, folder / method[1])
    tried = _fresh(*arguments)
    return Searched.of(tried, began, time.time())


def _search_on_processes(task: AnswerTask, run: int, folder: Path) -> Searched:
    import optuna

    url = f"sqlite:///{folder / 'optuna.db'}"
    optuna.create_study(storage=url, study_name=task.name, direction="maximize")
    count, began = cores(), time.time()
    shares = [len(range(rank, task.trials, count)) for rank in range(count)]
    calls = [
        (usual.search, task, run, usual.on_tensors, share, url, rank)
        for rank, share in enumerate(shares)
    ]
    tried: list[Tried] = [each for part in _at_once(calls) for each in part]
    return Searched.of(tried, began, time.time())


def confirmed(
    method: str, task: AnswerTask, run: int, settings: Sequence[Setting]
) -> tuple[float, Setting]:
    """Confirm settings in a method's way; return the seconds, and the setting that is chosen."""
    seeds, began = range(task.seeds, 2 * task.seeds), time.time()
    if method == USUAL:
        rows = _fresh(usual.confirm, task, run, usual.with_loader, settings, seeds)
    elif method == PROCESSES:
        count = min(cores(), len(seeds))
        parts = [seeds[rank::count] for rank in range(count)]
        found = _at_once(
            [(usual.confirm, task, run, usual.on_tensors, settings, part) for part in parts]
        )
        rows = [[v for part in found for v in part[k]] for k in range(len(settings))]
    else:
        rows = _fresh(ours.confirm, task, run, settings, seeds)
    means = [sum(row) / len(row) for row in rows]
    able = [place for place, mean in enumerate(means) if mean == mean]
    best = max(able, key=lambda place: means[place], default=0)
    return time.time() - began, settings[best]


def _fresh(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a fresh process with all cores."""
    process = Process(cores())
    try:
        return process.call(function, *arguments)
    finally:
        process.close()


def _at_once(calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Make calls in fresh processes of one thread each, at once; return their results."""
    processes = [Process(1) for _ in calls]
    try:
        for process, (function, *arguments) in zip(processes, calls, strict=True):
            process.begin(function, *arguments)
        return [process.result() for process in processes]
    finally:
        for process in processes:
            process.close()
