"""The judge: what settings are worth, by seeds that no method has seen."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from sweeper.registry.setting import Setting

#: The seeds by which the best known is chosen, and those by which everything is scored: were they
#: the same, the best known would be the luckiest. Searches and confirmations have smaller ones.
CHOOSING, SCORING = range(1000, 1004), range(1004, 1012)


class Judge:
    """Scores settings by seeds of its own, each once; not on the clock.

    Args:
        train: trains settings with seeds, on the split of the run; returns their values on
            validation data, ``[K][N]``.
    """

    def __init__(self, train: Callable[[Sequence[Setting], Sequence[int]], list[list[float]]]):
        self.train = train
        self.best = -math.inf
        self._scores: dict[Setting, float] = {}

    def choose_best(self, settings: Iterable[Setting]) -> None:
        """Choose the best known of some settings by some seeds; score it by the others."""
        candidates = list(dict.fromkeys(settings))
        means = self._means(candidates, CHOOSING)
        best = candidates[means.index(max(means))]
        self.score([best])
        self.best = self._scores[best]

    def score(self, settings: Iterable[Setting]) -> None:
        """Score those settings that are not scored yet."""
        new = [each for each in dict.fromkeys(settings) if each not in self._scores]
        if new:
            self._scores |= zip(new, self._means(new, SCORING), strict=True)

    def regret(self, setting: Setting) -> float:
        """Return by how many points a setting falls short of the best known."""
        self.score([setting])
        return 100 * (self.best - self._scores[setting])

    def _means(self, settings: Sequence[Setting], seeds: Sequence[int]) -> list[float]:
        means = [statistics.fmean(row) for row in self.train(settings, seeds)]
        return [0.0 if math.isnan(mean) else mean for mean in means]  # diverged
