"""Evaluation metrics: accuracy, confusion, calibration, retrieval, verification, compactness of
classes and separation between them.

Leading dimensions index members. For a member with a value that is not finite, every metric is nan,
except the confusion matrix: its counts are integers, and all zero.
"""

from sweeper.metrics.accuracy import (
    accuracy,
    balanced_accuracy,
    class_recall,
    majority_baseline,
)
from sweeper.metrics.calibration import expected_calibration_error, mean_confidence
from sweeper.metrics.class_means import class_means
from sweeper.metrics.compactness import compactness, intra_class_spread
from sweeper.metrics.confusion import class_precision, confusion_matrix
from sweeper.metrics.inter_class import InterClass, inter_class_angle, inter_class_distance
from sweeper.metrics.retrieval import map_at_r, recall_at_1
from sweeper.metrics.verification import Roc, tar_at_far, verification

__all__ = [
    "InterClass",
    "Roc",
    "accuracy",
    "balanced_accuracy",
    "class_means",
    "class_precision",
    "class_recall",
    "compactness",
    "confusion_matrix",
    "expected_calibration_error",
    "inter_class_angle",
    "inter_class_distance",
    "intra_class_spread",
    "majority_baseline",
    "map_at_r",
    "mean_confidence",
    "recall_at_1",
    "tar_at_far",
    "verification",
]
