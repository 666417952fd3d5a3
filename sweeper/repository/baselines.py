"""Baselines for margins and scales that need no data: formulas, and defaults in use.

Formulas assume C class centers at maximal distance, which requires C ≤ d + 1 in d dimensions.
"""

import math
from dataclasses import replace

from sweeper.registry.setting import Setting

PLAIN_SOFTMAX = "plain softmax"

#: The baselines that are formulas.
FORMULAS = ("AdaCos, fixed", "CosFace formula (P 0.999)", "combined formula (P 0.999)")

#: Baselines that need a repository.
BEST_CONSTANT, NEAREST_TASK = "best constant", "nearest task"

#: The smallest scale of any formula: that of AdaCos would be 0 for two classes.
MIN_SCALE = 2.0


def baselines(
    num_classes: int, embedding: int, lr: float, weight_decay: float
) -> dict[str, Setting]:
    """Return the baseline settings by name.

    Plain softmax, the defaults in use (Deng et al. 2019, Wang et al. 2018), and the formulas;
    CosFace's uses its default margin, limited by its bound.

    Args:
        num_classes: C, at least 2.
        embedding: d, at least 2.
        lr: learning rate of all of them.
        weight_decay: likewise.

    Raises:
        ValueError: C or d is too small.
    """
    m3 = min(0.35, cosface_margin_bound(num_classes, embedding))
    adacos, cosface, combined = FORMULAS
    settings = {
        PLAIN_SOFTMAX: Setting("softmax"),
        "ArcFace (0.5, 64)": Setting("arcface", m2=0.5),
        "CosFace (0.35, 64)": Setting("cosface", m3=0.35),
        "SphereFace (1.35, 64)": Setting("sphereface", m1=1.35),
        "combined (1, 0.3, 0.2)": Setting("combined", m1=1.0, m2=0.3, m3=0.2),
        "combined (0.9, 0.4, 0.15)": Setting("combined", m1=0.9, m2=0.4, m3=0.15),
        adacos: Setting("normalized-softmax", scale=fixed_adacos_scale(num_classes)),
        cosface: Setting("cosface", m3=m3, scale=cosface_scale(num_classes, 0.999)),
        combined: Setting(
            "combined", m2=0.3, m3=0.2, scale=combined_scale(num_classes, 0.3, 0.2, 0.999)
        ),
    }
    return {
        name: replace(setting, lr=lr, weight_decay=weight_decay)
        for name, setting in settings.items()
    }


def fixed_adacos_scale(num_classes: int) -> float:
    """Return √2 ln(C - 1), never below `MIN_SCALE`.

    Fixed AdaCos (Zhang et al. 2019, section 4.1).

    Raises:
        ValueError: there are fewer than two classes.
    """
    _check_classes(num_classes)
    return max(MIN_SCALE, math.sqrt(2.0) * math.log(num_classes - 1))


def cosface_scale(num_classes: int, posterior: float) -> float:
    """Return the smallest scale, (C - 1) / C · ln((C - 1) P / (1 - P)).

    CosFace's bound (Wang et al. 2018, section 3.3). With a smaller scale no sample reaches the
    posterior P, not even at its class center. Not positive for P ≤ 1 / C, which every scale
    reaches.

    Raises:
        ValueError: there are fewer than two classes, or P is not between 0 and 1.
    """
    return combined_scale(num_classes, 0.0, 0.0, posterior)


def combined_scale(num_classes: int, m2: float, m3: float, posterior: float) -> float:
    """Return the scale bound with margins, ln((C - 1) P / (1 - P)) / (cos m2 - m3 + 1 / (C - 1)).

    At its center a sample has the logit s (cos m2 - m3) for its class, whatever m1, and -s / (C -
    1) for each other; the posterior P of its class, solved for s. Without margins it is
    `cosface_scale`.

    Args:
        num_classes: C.
        m2: added to the angle, in radians.
        m3: subtracted from the cosine.
        posterior: P.

    Raises:
        ValueError: there are fewer than two classes, P is not between 0 and 1, or the margins put
            the target logit below the others, so that no scale reaches P.
    """
    _check_classes(num_classes)
    if not 0.0 < posterior < 1.0:
        raise ValueError(f"the posterior must be between 0 and 1, got {posterior}")
    lead = math.cos(m2) - m3 + 1.0 / (num_classes - 1)
    if lead <= 0.0:
        raise ValueError(
            f"margins m2 = {m2:g}, m3 = {m3:g} are too large for {num_classes} classes: "
            "cos m2 - m3 must exceed -1 / (C - 1)"
        )
    return math.log((num_classes - 1) * posterior / (1.0 - posterior)) / lead


def cosface_margin_bound(num_classes: int, embedding: int) -> float:
    """Return the upper bound of the margin m3 (Wang et al. 2018, section 3.4).

    1 - cos(2π / C) for d = 2 and C / (C - 1) for C ≤ d + 1. Beyond, 1: more than d + 1 directions
    are never all more than a right angle apart (Rankin 1955); it is reached up to C = 2d.

    Raises:
        ValueError: there are fewer than two classes or dimensions.
    """
    _check_classes(num_classes)
    if embedding < 2:
        raise ValueError(f"an embedding needs at least 2 dimensions, got {embedding}")
    if embedding == 2:
        return 1.0 - math.cos(2.0 * math.pi / num_classes)
    if num_classes <= embedding + 1:
        return num_classes / (num_classes - 1)
    return 1.0


def largest_angle(num_classes: int) -> float:
    """Return arccos(-1 / (C - 1)), the largest common angle between C class centers, in radians.

    Raises:
        ValueError: there are fewer than two classes.
    """
    _check_classes(num_classes)
    return math.acos(-1.0 / (num_classes - 1))


def _check_classes(num_classes: int) -> None:
    if num_classes < 2:
        raise ValueError(f"at least 2 classes are needed, got {num_classes}")
