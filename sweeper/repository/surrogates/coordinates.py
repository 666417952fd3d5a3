"""Settings as points, and gains on a compressed scale."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: A typical setting (m1, m2, m3, ln s), and changes of each that matter about equally.
CENTER = np.array([1.0, 0.0, 0.0, np.log(16.0)])
UNIT = np.array([0.25, 0.3, 0.25, 1.0])

#: A typical learning rate as its logarithm, and a change that matters about as much.
RATE_CENTER, RATE_UNIT = np.log(1e-3), np.log(3.0)


def points_of(settings: pd.DataFrame) -> FloatArray:
    """Return m1, m2, m3 and ln s of settings, in `UNIT` from `CENTER`, ``[n, 4]``."""
    margins = settings[["m1", "m2", "m3"]].to_numpy(float)
    log_scale = np.log(settings["scale"].to_numpy(float))
    return np.asarray((np.column_stack([margins, log_scale]) - CENTER) / UNIT)


def points_with_rate(settings: pd.DataFrame) -> FloatArray:
    """Return `points_of` settings, and ln of the learning rate likewise, ``[n, 5]``."""
    rate = (np.log(settings["lr"].to_numpy(float)) - RATE_CENTER) / RATE_UNIT
    return np.column_stack([points_of(settings), rate])


@dataclass(frozen=True)
class Compression:
    """``asinh(gain / unit)``: about linear for typical gains, logarithmic for a collapse.

    A collapsed setting loses 80 points where good ones differ by one; squared, it would dominate a
    fit. The function is monotone, so it preserves quantiles and thus intervals.
    """

    unit: float

    @classmethod
    def of(cls, gains: pd.DataFrame) -> "Compression":
        """Return the compression for a table of gains, with twice their median size as unit."""
        size = float(np.median(np.abs(gains["gain"]))) if len(gains) else 0.0
        noise = float(np.median(gains["se"])) if len(gains) else 0.0
        return cls(max(2 * size, noise, 1e-6))

    def compress_gain(self, gain: FloatArray) -> FloatArray:
        """Return compressed gains."""
        return np.arcsinh(gain / self.unit)

    def compress_error(self, gain: FloatArray, se: FloatArray) -> FloatArray:
        """Return the standard errors of compressed gains, to first order."""
        return np.asarray(se / self.unit / np.sqrt(1 + (gain / self.unit) ** 2))

    def decompress(self, compressed: FloatArray) -> FloatArray:
        """Return the gains for compressed ones."""
        return np.asarray(self.unit * np.sinh(compressed))
