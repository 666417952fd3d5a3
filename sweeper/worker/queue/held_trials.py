"""What a worker holds, and gives back when it comes to an end, whatever ended it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from sweeper.worker.queue.claimed_trial import ClaimedTrial


class HeldTrials:
    """Trials that a worker holds; those that it still holds when its block ends are given back.

    Args:
        cause: says why, from the error that ended the block, or None.
    """

    def __init__(self, cause: Callable[[BaseException | None], str]) -> None:
        self.cause = cause
        self._held: dict[ClaimedTrial, None] = {}  # in the order in which they came

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._held:
            self.give_back(self._held, self.cause(error))

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[ClaimedTrial]:
        return iter(self._held)

    def add(self, trials: Iterable[ClaimedTrial]) -> None:
        """Hold further trials."""
        self._held |= dict.fromkeys(trials)

    def remove(self, trials: Iterable[ClaimedTrial]) -> None:
        """Hold these no more: they are somebody else's to give back, or handed in."""
        for trial in trials:
            del self._held[trial]

    def among(self, trials: Iterable[ClaimedTrial]) -> list[ClaimedTrial]:
        """Return those of these trials that are still held."""
        return [trial for trial in trials if trial in self._held]

    def hand_over(self) -> list[ClaimedTrial]:
        """Return all that is held, for the caller to give back, and hold nothing any more."""
        held = list(self._held)
        self._held.clear()
        return held

    def give_back(self, trials: Iterable[ClaimedTrial], cause: str) -> None:
        """Give some of them back; where that fails for one, the others are given back all the same.

        Raises:
            SweeperError: one could not be given back.
        """
        given = list(trials)
        self.remove(given)
        with ExitStack() as stack:  # which calls the last one first
            for trial in reversed(given):
                stack.callback(trial.give_back, cause)
