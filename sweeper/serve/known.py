"""What recommendations learn from, kept in memory while the server runs."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Event, Lock

from sweeper.errors import SweeperError
from sweeper.registry.losses import DEFAULT_LOSS
from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.by_numbers import Numbers, recommend_by_numbers
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.records import Repository
from sweeper.repository.sources import known_and_own, shipped_measures, stored_choice
from sweeper.repository.task_weights import OwnTasks
from sweeper.serve.known_tasks import KnownTasks
from sweeper.store import Database
from sweeper.store.results.repository_queries import latest

#: Seconds between two looks for results that are new in the database.
SECONDS = 60.0

#: How many answers are kept to be given again.
KEPT = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What somebody asks: by numbers, for an objective, about a loss and terms beside it."""

    numbers: Numbers
    objective: str
    loss: str
    beside: tuple[str, ...] = ()

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What two questions that are the same have in common."""
        numbers = self.numbers
        features = tuple(sorted(numbers.features.items()))
        plan = (numbers.num_classes, numbers.per_class, numbers.samples, numbers.given)
        return (*plan, features, self.objective, self.loss, self.beside)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What was known at one moment.

    Attributes:
        repository: all results.
        own: which of its tasks are of the database.
        choices: how to predict each objective, None where nobody chose yet.
    """

    repository: Repository
    own: OwnTasks
    choices: dict[str, Choice | None]
    _answers: OrderedDict[tuple[object, ...], Recommendation] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def answer(self, question: Question) -> Recommendation:
        """Return the recommendation; one at a time is worked out.

        Raises:
            UsageError: the question has a name that is unknown, or a number out of its range.
        """
        with self._lock:
            if (found := self._answers.get(question.key)) is None:
                found = recommend_by_numbers(
                    self.repository,
                    question.numbers,
                    question.objective,
                    question.loss,
                    choice=self.choices.get(question.objective),
                    own=self.own,
                    beside=question.beside,
                    measures=shipped_measures() if question.beside else None,
                )
                self._answers[question.key] = found
            self._answers.move_to_end(question.key)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return found

    def answer_measured(
        self,
        features: Mapping[str, float],
        plan: Plan,
        objective: str,
        loss: str,
        beside: Sequence[str],
        dataset: str,
    ) -> Recommendation:
        """Return the recommendation for data that were measured, see `recommend`."""
        with self._lock:
            return recommend(
                self.repository,
                features,
                plan,
                objective,
                loss,
                choice=self.choices.get(objective),
                dataset=dataset,
                own=self.own,
                beside=beside,
                measures=shipped_measures() if beside else None,
            )

    def steps(self) -> Iterator[Callable[[], object]]:
        """Give what takes its time once, in parts of a second or so."""
        for name in OBJECTIVES:
            yield partial(self.answer, Question(Numbers(10, 100), name, DEFAULT_LOSS))
        yield lambda: self.tasks

    @cached_property
    def tasks(self) -> KnownTasks:
        """The tasks, with what is best on each."""
        return KnownTasks(self.repository, self.own)


class Known:
    """The results of a database and those that come with the program, read again as they grow."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._latest: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self._ended = Event()

    def current(self) -> Snapshot:
        """Return what is known; the first time, it is read.

        Raises:
            SweeperError: the database is out of reach, or holds a repository that cannot be read.
        """
        if self._snapshot is None:
            self.look()
        assert self._snapshot is not None  # else `look` has raised
        return self._snapshot

    def look(self) -> bool:
        """Read what is known if it has changed, and learn from it; return whether it had.

        Raises:
            SweeperError: as `current`.
        """
        with self._lock:
            found = latest(self._database)
            if found == self._latest:
                return False
            repository, own = known_and_own(self._database)
            digest = repository.digest
            choices = {name: stored_choice(name, self._database, digest) for name in OBJECTIVES}
            snapshot = Snapshot(repository, own, choices)
            for step in snapshot.steps():  # worked out here, so that nobody waits for it
                if self._ended.is_set():
                    break
                step()
            self._snapshot, self._latest = snapshot, found
            return True

    async def run(self) -> None:
        """Look periodically, until canceled. An error is logged, once per message."""
        warned: set[str] = set()
        try:
            while True:
                try:
                    await asyncio.to_thread(self.look)
                except SweeperError as error:
                    if str(error) not in warned:
                        warned.add(str(error))
                        _log.warning("%s", error)
                await asyncio.sleep(SECONDS)
        finally:
            self._ended.set()  # the server's end waits for the thread
