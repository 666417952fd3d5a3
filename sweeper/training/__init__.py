"""Training many trials as one stacked model. Knows neither Optuna nor SQL."""

from sweeper.training.augmentation import Augmentation
from sweeper.training.batching import steps_per_epoch
from sweeper.training.budget import Budget, fitting_budget
from sweeper.training.capacity.benchmark import first_batches, measured_members
from sweeper.training.capacity.memory import fit_fewer
from sweeper.training.capacity.size import fitting_members
from sweeper.training.evaluation import Measures, measure, validation_accuracy
from sweeper.training.fused_trainer import FusedTrainer, Interrupted
from sweeper.training.loss_group import compare_pairs
from sweeper.training.out_of_memory import is_out_of_memory
from sweeper.training.precision import has_bfloat16
from sweeper.training.processor import use_processor
from sweeper.training.protocol import TrainingProtocol
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import MeasuredSamples, Samples, TrainingData
from sweeper.training.trainer_group import TrainerGroup

__all__ = [
    "Augmentation",
    "Budget",
    "FusedTrainer",
    "Interrupted",
    "MeasuredSamples",
    "Measures",
    "Samples",
    "TrainerGroup",
    "TrainingData",
    "TrainingProtocol",
    "TrainingRecipe",
    "compare_pairs",
    "first_batches",
    "fit_fewer",
    "fitting_budget",
    "fitting_members",
    "has_bfloat16",
    "is_out_of_memory",
    "measure",
    "measured_members",
    "steps_per_epoch",
    "use_processor",
    "validation_accuracy",
]
