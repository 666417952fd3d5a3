"""What each measure of a trial says, in one line: the objectives, and what stands beside them."""

from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    BALANCED_MEANING,
    MAJORITY_BASELINE,
    OBJECTIVES,
)

_BESIDE = {
    BALANCED_ACCURACY: BALANCED_MEANING,
    MAJORITY_BASELINE: "accuracy of always guessing the largest class",
    "calibration error": "mean gap between confidence and accuracy; 0 if a confidence of 80 % is "
    "right in 80 % of cases",
    "confidence": "mean probability of the predicted class, by the softmax of the logits",
    "inter-class angle": "mean angle between the means of two classes, in radians; 1.57 is a right "
    "angle",
    "smallest inter-class angle": "angle between the means of the two most similar classes, in "
    "radians",
    "inter-class distance": "mean distance between the means of two classes; grows with the length "
    "of embeddings",
    "smallest inter-class distance": "distance between the means of the two closest classes",
    "recall@1": "share of images of unseen classes whose nearest neighbor is of their class",
}

#: Verification at a rate of false acceptance, which stands in the name.
_TAR = "TAR at FAR "


def about(measure: str) -> str:
    """Return what a measure says; empty if it is not known, as of a later version."""
    if measure in OBJECTIVES:
        return OBJECTIVES[measure].about
    if measure.startswith(_TAR):
        share = float(measure.removeprefix(_TAR))
        return (
            "share of pairs of one unseen class that are accepted where "
            f"{100 * share:g} % of pairs of two classes are"
        )
    return _BESIDE.get(measure, "")
