"""All that is known for one objective, ready to be asked about another task."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.gains import TooLittleError, best_rate_gains
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.context import Context
from sweeper.repository.surrogates.coordinates import FloatArray, points_with_rate
from sweeper.repository.surrogates.members import Places
from sweeper.repository.surrogates.responses import Responses, Smoothing
from sweeper.repository.surrogates.scenarios import Scenarios, Stack

#: Fewest sources of a start for them to be trusted alone.
SOURCES_OF_START = 3

#: The members are compared by the settings that at least this share of the tasks have.
USUAL = 0.5


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The known tasks of one objective.

    Attributes:
        gains: of all settings on all tasks, see `gains.best_rate_gains`.
        tasks: one row each, in the order of `responses`.
        context: where tasks stand.
        responses: their gains as functions of the setting.
        places: where they stand.
        stack: of those that may be used.
    """

    gains: pd.DataFrame
    tasks: pd.DataFrame
    context: Context
    responses: Responses
    places: Places
    stack: Stack

    @classmethod
    def of(
        cls,
        repository: Repository,
        objective: str,
        smoothing: Smoothing | None = None,
        share: Sequence[float] | None = None,
    ) -> "Knowledge":
        """Learn all that a repository has on an objective.

        Args:
            repository: tasks and results.
            objective: accuracy, retrieval or compactness.
            smoothing: from an earlier fit; estimated if None.
            share: of each of `members.MEMBERS`, likewise.

        Raises:
            UsageError: there is no such objective.
            TooLittleError: no task has plain softmax and a setting with margins, or the tasks have
                no meta-feature in common.
        """
        gains = best_rate_gains(repository.objective(objective), objective)
        margins = gains[gains["loss"] != "softmax"]
        if margins.empty:
            raise TooLittleError(
                f"no task of the repository has {objective} with and without margins"
            )
        if not repository.features:
            raise TooLittleError(
                "the repository's tasks have no meta-feature in common: export it again"
            )
        responses = Responses.of(margins, smoothing)
        tasks = repository.tasks.set_index("id", drop=False).loc[list(responses.tasks)]
        tasks = tasks.reset_index(drop=True)
        context = Context.of(tasks, repository.features)
        rates = gains[gains["loss"] == "softmax"].groupby("task")["lr"].nunique()
        tuned = (tasks["id"].map(rates) > 1).to_numpy(bool)
        where = (context.regime.of_tasks(tasks), context.pictures(tasks))
        places = Places(*where, responses.source, tuned)
        everything = np.ones(len(tasks), dtype=bool)
        shares = None if share is None else np.array(share, dtype=float)
        stack = Stack.of(responses, places, _usual(margins), everything, shares)
        return cls(gains, tasks, context, responses, places, stack)

    def without(self, left_out: NDArray[np.bool_]) -> "Knowledge":
        """Return what would be known without some of the tasks, ``[T]``; weights are chosen anew.

        How the meta-features are scaled, and how smooth responses are, is kept: neither says what
        is best on a task.
        """
        columns = _usual(self.gains[self.gains["loss"] != "softmax"])
        stack = Stack.of(self.responses, self.places, columns, ~left_out)
        return replace(self, stack=stack)

    def trusting(self, trust: FloatArray) -> "Knowledge":
        """Return the same, with usable tasks counted by what is trusted of each, ``[K]``."""
        places = replace(self.stack.places, trust=trust)
        return replace(self, stack=replace(self.stack, places=places))

    @property
    def known(self) -> pd.DataFrame:
        """The tasks that may be used, one row each."""
        return self.tasks[self.stack.known].reset_index(drop=True)

    def place(self, task: pd.DataFrame, tuned: bool = True) -> Places:
        """Return where another task stands, with plain softmax at the best of several rates or not.

        Args:
            task: its row.
            tuned: whether gains are asked for over the best of several rates; so they are not where
                no known task has several.
        """
        tuned = tuned and bool(self.places.tuned.any())
        where = (self.context.regime.of_tasks(task), self.context.pictures(task))
        return Places(*where, np.array([-1]), np.array([tuned]))

    def distances(self, asked: Places) -> tuple[FloatArray, FloatArray]:
        """Return how far each usable task is: by regime alone, and by regime and pictures."""
        known = self.stack.places
        regime, both = (np.sqrt(asked.squares(known, pictures)[0]) for pictures in (0.0, 1.0))
        return regime, both

    def limits(self) -> tuple[float, float]:
        """Return the largest distances of a usable task to the nearest one of another source.

        By regime alone, and by regime and pictures, as `distances`. Beyond them, leaving sources
        out gives no evidence that predictions hold. 0 if there is only one source.
        """
        known = self.stack.places
        same = known.source[:, None] == known.source[None]
        found = []
        for pictures in (0.0, 1.0):
            nearest = np.where(same, np.inf, known.squares(known, pictures)).min(1)
            found.append(float(np.sqrt(nearest[np.isfinite(nearest)].max(initial=0.0))))
        return found[0], found[1]

    def too_far(self, task: pd.DataFrame, asked: Places) -> bool:
        """Return whether a task is beyond what was measured."""
        if task["start"].iloc[0] not in set(self.known["start"]):
            return True
        # Rounding must not reject a task exactly at a limit.
        return any(
            distance.min() > limit * (1 + 1e-9) + 1e-12
            for distance, limit in zip(self.distances(asked), self.limits(), strict=True)
        )

    def scenarios(
        self, settings: pd.DataFrame, asked: Places, own: FloatArray | None = None
    ) -> Scenarios:
        """Return the scenarios of a task at settings with margins, see `Stack.scenarios`."""
        return self.stack.scenarios(points_with_rate(settings), asked, own)

    def foreseen(self, settings: pd.DataFrame, task: pd.DataFrame, asked: Places) -> Scenarios:
        """Return the scenarios of a task, or those of all of its start where it is too far."""
        if self.too_far(task, asked):
            return self.unrelated(settings, str(task["start"].iloc[0]))
        return self.scenarios(settings, asked)

    def of_start(self, start: str) -> NDArray[np.bool_]:
        """Return which usable tasks have a start, or all unless enough sources have it, ``[K]``."""
        chosen = (self.known["start"] == start).to_numpy(bool)
        enough = len(set(self.stack.places.source[chosen])) >= SOURCES_OF_START
        return chosen if enough else np.ones_like(chosen)

    def unrelated(self, settings: pd.DataFrame, start: str | None = None) -> Scenarios:
        """Return the usable tasks themselves as scenarios, a vote for each source.

        What is best in them is safest for a task that is like none of them.

        Args:
            settings: with margins, one row each.
            start: tasks of this start alone, see `of_start`.
        """
        known = self.stack.known
        chosen = np.ones(int(known.sum()), dtype=bool) if start is None else self.of_start(start)
        gains = self.responses.at(points_with_rate(settings), self.stack.mean)[known][chosen]
        sources = self.stack.places.at(chosen).votes()
        return Scenarios(gains, sources, self.responses.compression)


def _usual(margins: pd.DataFrame) -> FloatArray:
    """Return the points at which most tasks were measured, or all where few agree."""
    setting = ["m1", "m2", "m3", "scale", "lr"]
    rows = margins.loc[margins["is_main"], ["task", *setting]].drop_duplicates()
    counts = rows.groupby(setting).size()
    usual = counts[counts >= USUAL * rows["task"].nunique()]
    return points_with_rate((usual if len(usual) else counts).index.to_frame(index=False))


@lru_cache(maxsize=16)
def learned(
    repository: Repository,
    objective: str,
    smoothing: Smoothing | None = None,
    share: tuple[float, ...] | None = None,
) -> Knowledge:
    """Return `Knowledge.of`, cached in memory by the repository's digest."""
    return Knowledge.of(repository, objective, smoothing, share)
