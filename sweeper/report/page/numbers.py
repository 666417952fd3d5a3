"""How a page writes numbers: shares in percent, and the differences of shares in points."""

import math

from sweeper.console import rounded
from sweeper.registry.objectives import is_share


def value(measure: str, number: float) -> str:
    """Write a measured value: ``98.84 %``."""
    if math.isnan(number):
        return ""
    return f"{100 * number:.2f} %" if is_share(measure) else f"{number:.4g}"


def with_spread(measure: str, mean: float, spread: float) -> str:
    """Write a mean with the standard deviation over seeds: ``98.84 ± 0.12 %``."""
    if math.isnan(mean) or math.isnan(spread):
        return value(measure, mean)
    if is_share(measure):
        return f"{100 * mean:.2f} ± {100 * spread:.2f} %"
    return f"{mean:.4g} ± {spread:.2g}"


def size(measure: str, number: float) -> str:
    """Write the size of a difference: ``0.31 points``."""
    if math.isnan(number):
        return ""
    return f"{100 * number:.2f} points" if is_share(measure) else f"{number:.3g}"


def interval(measure: str, middle: float, low: float, high: float) -> str:
    """Write a difference with its interval: ``+0.31 (−0.02 to +0.64)``; shares in points."""
    if math.isnan(middle):
        return ""
    if math.isnan(low) or math.isnan(high):
        return _signed(measure, middle)
    low_text, high_text = _signed(measure, low), _signed(measure, high)
    return f"{_signed(measure, middle)} ({low_text} to {high_text})"


def probability(p: float) -> str:
    """Write a p-value: ``0.031``, ``< 0.001``."""
    if math.isnan(p):
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _signed(measure: str, number: float) -> str:
    text = rounded(100 * number, "+.2f") if is_share(measure) else rounded(number, "+.3g")
    return text.replace("-", "−")
