"""Training many trials as one stacked model. Knows neither Optuna nor SQL."""

from sweeper.training.array import Array, Interrupted
from sweeper.training.measure import Measures, measure, validation_accuracy
from sweeper.training.samples import Measured, Samples, TrainingData
from sweeper.training.size import fitting_members

__all__ = [
    "Array",
    "Interrupted",
    "Measured",
    "Measures",
    "Samples",
    "TrainingData",
    "fitting_members",
    "measure",
    "validation_accuracy",
]
