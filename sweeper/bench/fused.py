"""The same trials as fused arrays, and as a study in a database."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.study.open_study import find
from sweeper.study.study_file import StudySpec
from sweeper.training import FusedTrainer, TrainingData, validation_accuracy
from sweeper.training.trainer_group import TrainerGroup
from sweeper.worker.study_worker import StudyWorker
from sweeper.worker.trials_per_array import fitting_trials

CPU = torch.device("cpu")


def one_by_one(
    spec: StudySpec, data: TrainingData, settings: Sequence[Setting], bfloat16: bool
) -> list[list[float]]:
    """Train arrays of one member, one after another; return each seed's accuracy by trial."""
    data = replace(data, autocast=bfloat16)
    accuracies = []
    for setting in settings:
        arrays = [FusedTrainer(data, [setting], [seed], spec.recipe) for seed in range(spec.seeds)]
        accuracies.append([_trained(array, spec.epochs)[0][0] for array in arrays])
    return accuracies


def fused(
    spec: StudySpec, data: TrainingData, settings: Sequence[Setting], bfloat16: bool
) -> list[list[float]]:
    """Train as many members at once as is fastest on this machine."""
    data = replace(data, autocast=bfloat16)
    trials = fitting_trials(spec, data)
    accuracies: list[list[float]] = []
    for first in range(0, len(settings), trials):
        chosen = settings[first : first + trials]
        array = TrainerGroup(data, chosen, range(spec.seeds), spec.recipe)
        accuracies += _trained(array, spec.epochs)
    return accuracies


def _trained(array: FusedTrainer | TrainerGroup, epochs: int) -> list[list[float]]:
    for _ in range(epochs):
        array.train_epoch()
        if isinstance(array, FusedTrainer):
            values = validation_accuracy(array)
        else:
            values = array.validation_accuracy()
    trials: list[list[float]] = values.T.tolist()
    return trials


class Member:
    """One worker of a study in a database, opened before the clock starts.

    Args:
        url: of the database.
        name: of the study.
        workers: number of workers that share the study.
    """

    def __init__(self, url: str, name: str, workers: int) -> None:
        self.database = store.open_database(url)
        opened = find(self.database, name)
        fitting = fitting_trials(opened.spec, opened.task.training_data(CPU))
        share = -(-opened.stored.n_trials // workers)
        self.worker = StudyWorker(opened, CPU, min(fitting, share))

    def work(self) -> None:
        """Work until no trial is left."""
        self.worker.work()

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def stored_accuracies(url: str, name: str) -> list[list[float]]:
    """Return the stored validation accuracy of each trial's seeds."""
    with store.open_database(url) as database:
        study = store.find_study(database, name)
        records = store.load_trials(database, study.id)
        return [[seed.values["accuracy"] for seed in record.seeds] for record in records]
