"""What is believed of a study's settings, by the repository and by the study's own trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.repository.surrogates.belief import Belief, Expected
from sweeper.repository.surrogates.coordinates import Compression, FloatArray, points_with_rate
from sweeper.study.samplers.cube import Cube, Params
from sweeper.study.samplers.proposing import Predictor
from sweeper.study.samplers.told import Told
from sweeper.study.study_file import StudySpec

#: The range of a hyperparameter that other tasks say nothing of, in units of the points.
_RANGE = 3.0

#: How much worse a setting that diverged is than the worst of the others, compressed.
_COLLAPSE = 1.0

_MARGINS = ("m1", "m2", "m3", "scale", "lr")


@dataclass(frozen=True)
class Prospects:
    """Settings, and what the repository lets expect of them.

    Attributes:
        shares: their places in the cube, ``[n, d]``.
        points: their places in units, ``[n, p]``: margins and learning rate as the repository has
            them, the rest by its range.
        expected: their compressed gains.
    """

    shares: FloatArray
    points: FloatArray
    expected: Expected

    def joined(self, other: "Prospects") -> "Prospects":
        """Return these settings, then the others."""
        mean = np.concatenate([self.expected.mean, other.expected.mean])
        factors = np.concatenate([self.expected.factors, other.expected.factors])
        shares = np.concatenate([self.shares, other.shares])
        points = np.concatenate([self.points, other.points])
        return Prospects(shares, points, Expected(mean, factors))


class Believing:
    """Turns scores of some settings of a study into a belief about all."""

    def __init__(self, spec: StudySpec, predictor: Predictor | None) -> None:
        self._spec = spec
        self._predictor = predictor
        self._cube = Cube(spec.space)
        known = predictor is not None
        self._rest = [name for name in spec.space if not (known and name in _MARGINS)]

    def prospects(self, shares: FloatArray) -> Prospects:
        """Return settings at places in the cube, ``[n, d]``, with what is expected of them."""
        settings = self._cube.settings(shares)
        rest = _RANGE * self._cube.shares(settings, self._rest)
        if self._predictor is None:
            return Prospects(shares, rest, Expected.of_nothing(len(settings)))
        rows = self._rows(settings)
        scenarios = self._predictor.scenarios(rows)
        weight = np.sqrt(scenarios.probability)[:, None]
        factors = weight * (scenarios.compressed - scenarios.center)
        expected = Expected(scenarios.center, factors.T)
        return Prospects(shares, np.column_stack([points_with_rate(rows), rest]), expected)

    def compression(self, told: Told) -> Compression | None:
        """Return the compression of gains: the repository's, else one that suits the scores."""
        if self._predictor is not None:
            return self._predictor.compression
        finite = np.isfinite(told.scores)
        if not finite.any():
            return None
        gain = told.scores[finite] - float(np.median(told.scores[finite]))
        return Compression.of(pd.DataFrame({"gain": gain, "se": told.noise[finite]}))

    def belief(self, prospects: Prospects, told: Told) -> Belief | None:
        """Return what is believed of settings, or None where nothing is known of any.

        Args:
            prospects: first those that were tried, then those that are running, then others.
            told: by the first ones.
        """
        compression = self.compression(told)
        if compression is None:
            return None
        expected, scores, finite = prospects.expected, told.scores, np.isfinite(told.scores)
        compressed, errors = np.full(len(scores), -_COLLAPSE), np.zeros(len(scores))
        if finite.any():
            # Gains are over a plain softmax that is not known: what is best is what is expected.
            place = int(scores.argmax())
            gain = scores - scores[place] + compression.decompress(expected.mean[[place]])
            compressed[finite] = compression.compress_gain(gain[finite])
            compressed[~finite] = compressed[finite].min() - _COLLAPSE
            errors[finite] = compression.compress_error(gain[finite], told.noise[finite])
        return Belief.of(prospects.points, expected, compressed, errors, len(told.running))

    def _rows(self, settings: Sequence[Params]) -> pd.DataFrame:
        """Return settings as the repository has them."""
        whole = [self._spec.setting(each) for each in settings]
        rows = [[getattr(each, name) for name in _MARGINS] for each in whole]
        return pd.DataFrame(rows, columns=list(_MARGINS), dtype=float)
