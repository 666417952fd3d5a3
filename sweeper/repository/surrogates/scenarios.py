"""What may happen on a task without results: a scenario for each known task."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sweeper.repository.surrogates.coordinates import Compression, FloatArray
from sweeper.repository.surrogates.members import MEMBERS, Places, votes
from sweeper.repository.surrogates.responses import Pooled, Responses
from sweeper.repository.surrogates.stack import stacking_weights


@dataclass(frozen=True, eq=False)
class Stack:
    """Known tasks, and how they are weighted for another one.

    Attributes:
        responses: of all tasks of the repository.
        known: which of them may be used, ``[T]``.
        places: where these stand, K of them.
        mean: the mean over these.
        share: of each member of `MEMBERS` in the average.
        left_out: weights for each known task with its source left out, ``[K, K]``.
    """

    responses: Responses
    known: NDArray[np.bool_]
    places: Places
    mean: Pooled
    share: FloatArray
    left_out: FloatArray

    @classmethod
    def of(
        cls,
        responses: Responses,
        places: Places,
        columns: FloatArray,
        known: NDArray[np.bool_],
        share: FloatArray | None = None,
    ) -> "Stack":
        """Return the stack of the known tasks.

        Args:
            responses: of all tasks, T.
            places: of all tasks.
            columns: settings by which the members are compared, ``[n, 5]``.
            known: which tasks may be used, ``[T]``.
            share: of each member, from an earlier fit; by stacking if None.
        """
        own, mean = places.at(known), responses.pooled(known)
        each = [member.left_out(own) for member in MEMBERS]
        if share is None:
            gains = responses.at(columns, mean)[known]
            weight = responses.informed(columns)[known] * votes(own.source)[:, None]
            share = stacking_weights([gains - weights @ gains for weights in each], weight)
        return cls(responses, known, own, mean, share, np.einsum("m,mij->ij", share, each))

    def weights(self, asked: Places) -> FloatArray:
        """Return the weights of the known tasks for each that is asked, ``[m, K]``."""
        return _weights(self, asked)

    def probability(self, asked: Places) -> FloatArray:
        """Return how probable each known task's scenario is for one task, ``[K]``.

        Tasks that count much for it are more probable, by half; the other half is a vote for each
        source.
        """
        near = np.maximum(self.weights(asked)[0], 0.0)
        return np.asarray((near / near.sum() + self.places.votes()) / 2)

    def scenarios(
        self, points: FloatArray, asked: Places, own: FloatArray | None = None
    ) -> "Scenarios":
        """Return the scenarios of one task at settings ``[n, 5]``.

        Each known task deviates from what the others predict for it; its scenario is that deviation
        around what all predict for the task asked about.

        Args:
            points: the settings.
            asked: where the task stands.
            own: weights of known tasks that are on the very data, ``[K]``, which sum to at most 1.
                The rest of 1 is left to all tasks, and so much of the variance of the deviations.
        """
        gains = self.responses.at(points, self.mean)[self.known]
        probability = self.probability(asked)
        deviation = gains - self.left_out @ gains
        deviation = deviation - probability @ deviation
        mean = self.weights(asked)[0] @ gains
        if own is not None:
            rest = 1.0 - float(own.sum())
            mean, deviation = rest * mean + own @ gains, np.sqrt(rest) * deviation
        return Scenarios(mean + deviation, probability, self.responses.compression)


@lru_cache(maxsize=64)
def _weights(stack: Stack, asked: Places) -> FloatArray:
    """Return `Stack.weights`, which every prediction for a task needs."""
    each = [
        share * member.weights(stack.places, asked)
        for share, member in zip(stack.share, MEMBERS, strict=True)
        if share > 0
    ]
    return np.asarray(np.sum(each, axis=0))


@dataclass(frozen=True)
class Scenarios:
    """What settings may gain.

    Attributes:
        compressed: gains of settings in scenarios, compressed, ``[K, n]``.
        probability: of each scenario, ``[K]``.
        compression: of the gains.
    """

    compressed: FloatArray
    probability: FloatArray
    compression: Compression

    @property
    def gains(self) -> FloatArray:
        """The gains themselves, ``[K, n]``."""
        return self.compression.decompress(self.compressed)

    @property
    def center(self) -> FloatArray:
        """The mean of compressed gains over the scenarios, ``[n]``."""
        return np.asarray(self.probability @ self.compressed)

    @property
    def deviation(self) -> FloatArray:
        """The standard deviation of compressed gains over the scenarios, ``[n]``."""
        variance = self.probability @ (self.compressed - self.center) ** 2
        return np.asarray(np.sqrt(np.maximum(variance, 1e-12)))
