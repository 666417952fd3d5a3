"""What a net makes of the measured samples: embeddings of two or three dimensions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.report.page.numbers import value

#: More classes or losses make figures that nobody can read.
MOST_CLASSES, MOST_LOSSES = 20, 6

#: Sizes of an embedding that can be drawn as it is.
DRAWN = (2, 3)

#: What an accuracy may differ by through rounding alone; one sample of a million is more.
_SAME = 1e-6


@dataclass(frozen=True)
class Features:
    """What one seed of each loss, trained again, makes of the measured samples.

    Attributes:
        points: a row per point. `setting` (empty before training, which is the same for all),
            `what` it is (``before training``, ``after training``; ``class weights`` or ``class
            means``, of which the direction counts), `sample` (its position in the data set),
            `class`, `predicted`, and the coordinates `x`, `y` and, of three dimensions, `z`.
        accuracy: of each setting, stored for this seed and trained again.
        seed: of the training.
        device: it was trained on, and how many threads it had.
    """

    points: pd.DataFrame
    accuracy: dict[str, tuple[float, float]]
    seed: int
    device: str


def departures(features: Features) -> str:
    """Say whether what was trained again is what the study has measured, in a sentence."""
    trained = f"For the embeddings seed {features.seed} was trained again on {features.device}"
    others = [
        f"{setting} {value(DEFAULT_OBJECTIVE, again)} ({value(DEFAULT_OBJECTIVE, stored)} stored)"
        for setting, (stored, again) in features.accuracy.items()
        if not math.isclose(stored, again, rel_tol=0, abs_tol=_SAME)
    ]
    if not others:
        return f"{trained}; each loss has the accuracy that is stored for it."
    return (
        f"{trained}, alone, and it came out otherwise than in the study, where rounding is another "
        f"one by device, threads and size of the array: {', '.join(others)}. The embeddings are "
        "those of this training."
    )


def cannot_be_drawn(name: str, size: int, classes: int, losses: Sequence[str]) -> str | None:
    """Return why the embeddings of a study are not drawn, None if they can be.

    Args:
        name: of the study.
        size: of its embedding.
        classes: how many it trains.
        losses: those that are complete.
    """
    if size not in DRAWN:
        return f"{name} has an embedding of {size} dimensions; only two or three can be drawn"
    if classes > MOST_CLASSES:
        return f"{name} has {classes} classes, too many to tell apart in one figure"
    if not losses:
        return f"{name} has nothing complete of which the best setting of a loss may be told"
    if len(losses) > MOST_LOSSES:
        return f"{name} has {len(losses)} losses, too many for one figure"
    return None
