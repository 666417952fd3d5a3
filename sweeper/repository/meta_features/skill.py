"""Accuracies of simple classifiers, by themselves and beside chance."""

import numpy as np
from numpy.typing import NDArray


def accuracy_features(
    right: dict[str, NDArray[np.bool_]], classes: NDArray[np.int64]
) -> dict[str, float]:
    """Return ``accuracy_NAME`` and ``skill_NAME`` of each classifier.

    Args:
        right: by name, whether the class of each tested image was found. Tested is every image
            that is not alone in its class; where there are none, the accuracy counts as chance.
        classes: ``[n]``, of all images, from 0.
    """
    chance = largest_share(classes)
    features = {}
    for name, hits in right.items():
        accuracy = float(hits.mean()) if len(hits) else chance
        features[f"accuracy_{name}"] = accuracy
        features[f"skill_{name}"] = skill(accuracy, chance)
    return features


def largest_share(classes: NDArray[np.int64]) -> float:
    """Return chance: the accuracy of always naming the commonest class.

    Among the images that are not alone in their class, or among all where there are no others.
    """
    counts = np.bincount(classes)
    tested = counts[counts > 1] if counts.max() > 1 else counts
    return float(tested.max() / tested.sum())


def skill(accuracy: float, chance: float) -> float:
    """Return (accuracy - chance) / (1 - chance) (Cohen 1960's form), from -1 to 1.

    0 where chance is already perfect.
    """
    if chance >= 1.0:
        return 0.0
    return max(-1.0, (accuracy - chance) / (1.0 - chance))
