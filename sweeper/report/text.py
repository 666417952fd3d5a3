"""How numbers and settings are written."""

import math
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals

#: Measures that are shares, and so are shown in percent.
PERCENT = (
    *("accuracy", "retrieval", "recall@1", "calibration error", "confidence"),
    *("TAR at FAR 0.01", "TAR at FAR 0.001"),
)


def say(line: str = "") -> None:
    """Print a line for people, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)


def stopping(signals: "StopSignals") -> str:
    """Return what is said once work was asked to end."""
    if signals.is_preempted():
        return "leaving: the epoch is finished, saved and handed back; Ctrl-C does not wait"
    return "stopping: what is unfinished is handed back; Ctrl-C again does not wait"


def measured(objective: str, mean: float, spread: float) -> str:
    """Write a mean and its standard deviation over seeds: ``81.3 ± 0.9 %``."""
    factor, unit, digits = (100, " %", 1) if objective in PERCENT else (1, "", 3)
    if math.isnan(mean):
        return "–"
    if math.isnan(spread):  # a single seed
        return f"{factor * mean:.{digits}f}{unit}"
    return f"{factor * mean:.{digits}f} ± {factor * spread:.{digits}f}{unit}"


def duration(seconds: float) -> str:
    """Write a time as people say it: ``45 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def count(number: int, noun: str) -> str:
    """Write a number of things: ``1 trial``, ``2 classes``, ``60,000 images``."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
