"""The settings to try first: those of which the best is expected to be best."""

from dataclasses import dataclass

import numpy as np

from sweeper.repository.surrogates.coordinates import FloatArray

#: Most settings of a shortlist, and the fewest, if there are so many.
MOST, FEWEST = 5, 3

#: Beyond `FEWEST`, the share of the regret before it that one more has to save.
WORTHWHILE = 0.1


@dataclass(frozen=True)
class Shortlist:
    """Positions of settings in order, and the regret expected after trying each and those before.

    The regret is the gain of the best candidate less that of the best one tried, averaged over the
    scenarios.
    """

    positions: tuple[int, ...]
    regrets: tuple[float, ...]


def shortlist(gains: FloatArray, probability: FloatArray, number: int = MOST) -> Shortlist:
    """Choose settings greedily, each so that the expected gain of the best of them is largest.

    The first has the largest expected gain, and with it the smallest expected regret. A greedy
    portfolio (Feurer et al. 2022, section 4, for Auto-sklearn 2.0); of submodular functions like
    this one it reaches 1 - 1/e of the best set of its size (Nemhauser et al. 1978).

    Args:
        gains: of settings in scenarios, ``[K, n]``.
        probability: of the scenarios, ``[K]``.
        number: how many settings, at most n.
    """
    best = probability @ gains.max(1)
    reached = np.full(len(gains), -np.inf)
    positions: list[int] = []
    regrets: list[float] = []
    for _ in range(min(number, gains.shape[1])):
        expected = probability @ np.maximum(reached[:, None], gains)
        expected[positions] = -np.inf
        chosen = int(expected.argmax())
        positions.append(chosen)
        reached = np.maximum(reached, gains[:, chosen])
        # What remains of nothing is rounding.
        regrets.append(max(0.0, round(float(best - expected[chosen]), 12)))
    return Shortlist(tuple(positions), tuple(regrets))


def worthwhile(chosen: Shortlist) -> Shortlist:
    """Return the shortlist up to where one more setting saves little of the regret."""
    number = min(FEWEST, len(chosen.positions))
    while number < len(chosen.positions):
        if chosen.regrets[number] > (1 - WORTHWHILE) * chosen.regrets[number - 1]:
            break
        number += 1
    return Shortlist(chosen.positions[:number], chosen.regrets[:number])
