"""What a trial can be judged by: one record each. To add an objective is a metric and a record."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class ObjectiveInfo:
    """What is known of an objective without importing what measures it.

    Attributes:
        name: what a study file calls it.
        metric: the function, as ``package.module:name``. It is called with those of `embeddings`
            ``[.., N, d]``, `labels` ``[N]``, `num_classes` and `logits` ``[.., N, C]`` that it
            takes, and returns ``[..]``.
        direction: which is better, as Optuna calls it.
        about: what it measures, in one line.
        question: what a study asks with it, after 'Which margins best …'.
        meaning: how it is computed, for the note of the dashboard; ``{split}`` stands for the
            samples that it is measured on.
        title: what it is called in a figure.
        share: whether it is a share from 0 to 1, shown in percent. Else it is a positive ratio,
            which counts by its logarithm: 'ten percent less' is the same gain on every task.
        unit: of a ratio, what stands at its axis.
        held_out: whether it is measured on classes that are held out of the training.
        of_embeddings: whether it depends on the embeddings alone, not on the classifier.
        needs_spread: whether it needs two classes of two samples each.
    """

    name: str
    metric: str
    direction: Direction
    about: str
    question: str
    meaning: str
    title: str
    share: bool = True
    unit: str = "%"
    held_out: bool = False
    of_embeddings: bool = False
    needs_spread: bool = False

    @property
    def maximize(self) -> bool:
        """Whether larger is better."""
        return self.direction == "maximize"

    @property
    def highest(self) -> float:
        """The score that nothing exceeds: of a share 1; the logarithm of a ratio has no end."""
        return 1.0 if self.share else math.inf


_RECORDS = (
    ObjectiveInfo(
        "accuracy",
        "sweeper.metrics.accuracy:accuracy",
        "maximize",
        about="share of images from the training classes that are classified correctly",
        question="classify images of the training classes",
        meaning="share of the {split} samples classified correctly",
        title="accuracy",
    ),
    ObjectiveInfo(
        "retrieval",
        "sweeper.metrics.retrieval:map_at_r",
        "maximize",
        about="MAP@R on classes not seen in training",
        question="group images of classes not seen in training",
        meaning="MAP@R on held-out classes: how many of an image's R nearest neighbors (R being "
        "the size of its class) belong to its class, weighted by rank",
        title="MAP@R on unseen classes",
        held_out=True,
        of_embeddings=True,
    ),
    ObjectiveInfo(
        "compactness",
        "sweeper.metrics.compactness:compactness",
        "minimize",
        about="spread within classes divided by the distance between them; smaller is better",
        question="keep each class compact and the classes apart",
        meaning="spread within classes divided by the distance between their means; smaller is "
        "better",
        title="compactness",
        share=False,
        unit="ratio of spreads",
        of_embeddings=True,
        needs_spread=True,
    ),
)

#: Every objective by its name, in the order of tables.
OBJECTIVES: dict[str, ObjectiveInfo] = {record.name: record for record in _RECORDS}

#: Where the user names none; it is shown of every trial.
DEFAULT_OBJECTIVE = "accuracy"

#: Measured wherever accuracy is: the mean recall of the classes, the share of the largest class.
BALANCED_ACCURACY, MAJORITY_BASELINE = "balanced accuracy", "majority baseline"
BALANCED_MEANING = "mean recall of the classes; each counts the same, whatever its size"

#: What is measured beside the objectives and is a share, too.
_OTHER_SHARES = (
    *(BALANCED_ACCURACY, MAJORITY_BASELINE, "recall"),
    *("recall@1", "calibration error", "confidence", "TAR at FAR 0.01", "TAR at FAR 0.001"),
)


def is_share(measure: str) -> bool:
    """Return whether an objective, or what is measured beside it, is a share from 0 to 1."""
    return OBJECTIVES[measure].share if measure in OBJECTIVES else measure in _OTHER_SHARES


def needs_held_out(objectives: Iterable[str]) -> bool:
    """Return whether any of these objectives is measured on held-out classes."""
    return any(OBJECTIVES[name].held_out for name in objectives)


def only_held_out(objectives: Iterable[str]) -> bool:
    """Return whether all of these objectives are measured on held-out classes."""
    return all(OBJECTIVES[name].held_out for name in objectives)
