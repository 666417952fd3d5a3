"""How measured values are written."""

import math

from sweeper.registry.objectives import is_share


def measured(objective: str, mean: float, spread: float) -> str:
    """Write a mean and its standard deviation over seeds: ``81.3 ± 0.9 %``."""
    factor, unit, digits = (100, " %", 1) if is_share(objective) else (1, "", 3)
    if math.isnan(mean):
        return "–"
    if math.isnan(spread):  # a single seed
        return f"{factor * mean:.{digits}f}{unit}"
    return f"{factor * mean:.{digits}f} ± {factor * spread:.{digits}f}{unit}"
