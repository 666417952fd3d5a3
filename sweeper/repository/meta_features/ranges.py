"""What a meta-feature may be: numbers beyond are no measurements."""

import math

#: How far measurements may be beyond, by rounding.
ROUNDING = 1e-9

#: No meta-feature is further from 0.
LARGEST = 1e3

#: Natural logarithms of counts and of ratios of what is measured: of 10^13 at most.
_LOGARITHM = (-30.0, 30.0)

#: By what a name begins with.
_RANGES = {
    "accuracy_": (0.0, 1.0),
    # Below 0 is worse than always naming the largest class, the more so the larger that is.
    "skill_": (-LARGEST, 1.0),
    "angle_": (0.0, math.pi),
    "class_entropy": (0.0, 1.0),
    "class_imbalance": (0.0, 30.0),
    # As a share of the largest value, which few images may exceed a little.
    "h_score": (0.0, 2.0),
    "is_embedding": (0.0, 1.0),
    "log_": _LOGARITHM,
    "overlap": _LOGARITHM,
}

#: Of those that a later version measures and this one does not know.
_OTHERS = (-LARGEST, LARGEST)


def valid_range(name: str) -> tuple[float, float]:
    """Return the smallest and the largest value of a meta-feature."""
    found = (span for start, span in _RANGES.items() if name.startswith(start))
    return next(found, _OTHERS)
