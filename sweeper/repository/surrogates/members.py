"""Ways to weigh the known tasks for another one: a prediction is the weighted mean of theirs."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.coordinates import FloatArray

#: The distance between a task whose gains are over plain softmax at the best of several rates, and
#: one where it had a single rate: there the gains are larger.
TUNED_DISTANCE = 1.5

#: Share of the variance around a regression that is common to tasks of one source.
RHO = 0.5


@dataclass(frozen=True, eq=False)
class Places:
    """Tasks: regimes ``[n, r]``, pictures ``[n, p]`` and the numbers of their sources ``[n]``.

    Plain softmax is `tuned` ``[n]`` where it was trained at several learning rates. With `trust`
    ``[n]`` they count by what it says, in (0, 1], else alike.
    """

    regime: FloatArray
    pictures: FloatArray
    source: NDArray[np.int64]
    tuned: NDArray[np.bool_]
    trust: FloatArray | None = None

    def at(self, chosen: NDArray[np.bool_]) -> "Places":
        """Return some of the tasks."""
        trust = None if self.trust is None else self.trust[chosen]
        own = (self.regime[chosen], self.pictures[chosen], self.source[chosen], self.tuned[chosen])
        return Places(*own, trust)

    def votes(self) -> FloatArray:
        """Return `votes` of the tasks, ``[n]``."""
        return votes(self.source, self.trust)

    def squares(self, other: "Places", pictures: float) -> FloatArray:
        """Return squared distances ``[n, m]``; those of pictures count `pictures` times."""
        square = cdist(self.regime, other.regime, "sqeuclidean")
        if pictures > 0:
            square = square + pictures * cdist(self.pictures, other.pictures, "sqeuclidean")
        return np.asarray(square)

    def unlike(self, other: "Places", pictures: float) -> FloatArray:
        """Return `squares` to which it adds whether plain softmax is tuned, ``[n, m]``."""
        differs = self.tuned[:, None] != other.tuned[None]
        return np.asarray(self.squares(other, pictures) + TUNED_DISTANCE**2 * differs)


def votes(source: NDArray[np.int64], trust: FloatArray | None = None) -> FloatArray:
    """Return weights that sum to 1: the same for each source, shared by its tasks, ``[n]``.

    With `trust` a source counts by its most trusted task, and its tasks share by theirs.
    """
    _, of_task, counts = np.unique(source, return_inverse=True, return_counts=True)
    if trust is None:
        return np.asarray(1 / counts[of_task] / len(counts))
    most = np.zeros(len(counts))
    np.maximum.at(most, of_task, trust)
    shared = trust / np.bincount(of_task, trust)[of_task] * most[of_task]
    return np.asarray(shared / shared.sum())


class Member(Protocol):
    """A way to weigh the known tasks."""

    def weights(self, known: Places, asked: Places) -> FloatArray:
        """Return the weights of known tasks for each that is asked, ``[m, n]``; each sums to 1."""
        ...

    def left_out(self, known: Places) -> FloatArray:
        """Return the weights for each known task with its whole source left out, ``[n, n]``."""
        ...


@dataclass(frozen=True)
class Constant:
    """The same for all tasks: each source has a vote."""

    def __str__(self) -> str:
        return "constant"

    def weights(self, known: Places, asked: Places) -> FloatArray:
        """Return equal weights."""
        return np.tile(known.votes(), (len(asked.source), 1))

    def left_out(self, known: Places) -> FloatArray:
        """Return equal weights of the other sources."""
        return _without_own(known, np.tile(known.votes(), (len(known.source), 1)))


@dataclass(frozen=True)
class Nearest:
    """Tasks weighted by proximity (Nadaraya and Watson 1964), each source by a vote.

    Attributes:
        width: of the Gaussian weight, in units of the regime.
        pictures: how much the squared distance of the pictures counts.
    """

    width: float
    pictures: float

    def __str__(self) -> str:
        return f"nearest tasks (width {self.width:g}, pictures {self.pictures:g})"

    def weights(self, known: Places, asked: Places) -> FloatArray:
        """Return weights relative to the nearest task's, so that it counts even if all are far."""
        return self._weights(asked.unlike(known, self.pictures), known)

    def left_out(self, known: Places) -> FloatArray:
        """Return the weights of the other sources' tasks."""
        square = known.unlike(known, self.pictures)
        square[known.source[:, None] == known.source[None]] = np.inf
        return self._weights(square, known)

    def _weights(self, square: FloatArray, known: Places) -> FloatArray:
        least = square.min(1, keepdims=True)
        # A source alone has no other: it is predicted as no gain.
        away = np.where(np.isfinite(least), square - np.where(np.isfinite(least), least, 0), np.inf)
        weights = np.exp(-0.5 * away / self.width**2) * known.votes()
        return np.asarray(weights / np.maximum(weights.sum(1, keepdims=True), 1e-300))


@dataclass(frozen=True)
class Kriging:
    """A Gaussian process over tasks with an unknown mean (ordinary kriging, Matheron 1963).

    Attributes:
        width: length scale, in units of the regime.
        pictures: how much the squared distance of the pictures counts.
        noise: variance around the process, in units of its own; `RHO` of it is the source's.
    """

    width: float
    pictures: float
    noise: float

    def __str__(self) -> str:
        numbers = f"width {self.width:g}, pictures {self.pictures:g}, noise {self.noise:g}"
        return f"Gaussian process ({numbers})"

    def weights(self, known: Places, asked: Places) -> FloatArray:
        """Return the kriging weights, some of which may be negative."""
        across = self._between(asked, known)
        right = np.column_stack([across, np.ones(len(across))])
        return np.asarray((right @ self._inverse(known))[:, :-1])

    def left_out(self, known: Places) -> FloatArray:
        """Return the weights with blocks left out, of one inverse (Dubrule 1983)."""
        number = len(known.source)
        inverse = self._inverse(known)[:number, :number]
        weights = np.zeros((number, number))
        for source in np.unique(known.source):
            own = known.source == source
            block = inverse[np.ix_(own, own)]
            if own.all():
                continue
            weights[np.ix_(own, ~own)] = -np.linalg.solve(block, inverse[np.ix_(own, ~own)])
        return weights

    def _between(self, first: Places, second: Places) -> FloatArray:
        square = first.unlike(second, self.pictures)
        return np.asarray(np.exp(-0.5 * square / self.width**2))

    def _inverse(self, known: Places) -> FloatArray:
        number = len(known.source)
        same = known.source[:, None] == known.source[None]
        bordered = np.ones((number + 1, number + 1))
        noise = self.noise * ((1 - RHO) * np.eye(number) + RHO * same)
        if known.trust is not None:  # less trusted, so noisier
            noise = noise / np.sqrt(np.outer(known.trust, known.trust))
        bordered[:-1, :-1] = self._between(known, known) + noise
        bordered[-1, -1] = 0.0
        return np.asarray(np.linalg.inv(bordered), dtype=float)


def _without_own(known: Places, weights: FloatArray) -> FloatArray:
    kept = np.where(known.source[:, None] == known.source[None], 0.0, weights)
    return np.asarray(kept / np.maximum(kept.sum(1, keepdims=True), 1e-300))


#: What is averaged, simplest first.
MEMBERS: tuple[Member, ...] = (
    Constant(),
    Nearest(width=1.0, pictures=1.0),
    Kriging(width=2.0, pictures=0.0, noise=1.0),
    Kriging(width=2.0, pictures=4.0, noise=1.0),
    Kriging(width=4.0, pictures=4.0, noise=0.1),
)
