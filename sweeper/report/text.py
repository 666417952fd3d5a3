"""How measured values are written."""

import math

#: Measures that are shares, and so are shown in percent.
PERCENT = (
    *("accuracy", "retrieval", "recall@1", "calibration error", "confidence"),
    *("TAR at FAR 0.01", "TAR at FAR 0.001"),
)


def measured(objective: str, mean: float, spread: float) -> str:
    """Write a mean and its standard deviation over seeds: ``81.3 ± 0.9 %``."""
    factor, unit, digits = (100, " %", 1) if objective in PERCENT else (1, "", 3)
    if math.isnan(mean):
        return "–"
    if math.isnan(spread):  # a single seed
        return f"{factor * mean:.{digits}f}{unit}"
    return f"{factor * mean:.{digits}f} ± {factor * spread:.{digits}f}{unit}"
