"""What is searched: data that come with installed packages, their sources held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sweeper.bench.workloads import Workload
from sweeper.study.resolve import resolve
from sweeper.study.study_file import StudySpec

#: What the embeddings are of, and how many numbers each has.
PAIRS, COMPONENTS = "mnist-pairs[per_class=30]", 64

#: ResNet-18 on about 5,000 samples, for the time of a training.
RESNET = Workload(
    "ResNet-18 on mnist-5k", "mnist-5k[per_class=278]", "resnet18", 2, 1, 3, "float32"
)


@dataclass(frozen=True)
class AnswerTask:
    """A search of the combined loss: all margins, the scale and the learning rate.

    Attributes:
        name: as shown in tables.
        dataset: a data set's name, or an .npz of embeddings.
        source: of the data, as the repository calls it; left out of it.
        objective: accuracy or retrieval.
        net: trained from scratch.
        epochs: of each training.
        batch_size: likewise.
        seeds: of each trial, and as many further ones of each setting in the confirmation.
        trials: of the usual ways.
        most: trials of ours, which mostly ends by itself before.
        goal: how many times as fast as (a) ours is to be.
    """

    name: str
    dataset: str
    source: str
    objective: str
    net: str
    epochs: int
    batch_size: int
    seeds: int
    trials: int
    most: int
    goal: float

    def spec(self, run: int, cold: bool) -> StudySpec:
        """Return the search of a run, which has a split and a sampler of its own.

        Args:
            run: its number, the seed of both.
            cold: whether it is to know nothing of other data sets.
        """
        spec = resolve(
            self.dataset,
            objective=self.objective,
            net=self.net,
            epochs=self.epochs,
            batch_size=self.batch_size,
            seeds=self.seeds,
            n_trials=self.most,
            cold=cold,
        )
        return spec.updated(self.name, controls=(), seed=run)


def make_tasks(folder: Path, chosen: str = "") -> Sequence[AnswerTask]:
    """Return the tasks whose name has `chosen` in it.

    Args:
        folder: where embeddings are written.
        chosen: part of a name.
    """
    embeddings = folder / "digit-pairs.npz"
    tasks = [
        AnswerTask(
            name="compact on noisy digits",
            dataset="digits[per_class=100, noise=0.3]",
            source="digits",
            objective="accuracy",
            net="compact",
            epochs=10,
            batch_size=32,
            seeds=4,
            trials=20,
            most=60,
            goal=10.0,
        ),
        AnswerTask(
            name="linear layer on embeddings",
            dataset=str(embeddings),
            source="mnist",
            objective="retrieval",
            net="linear",
            epochs=20,
            batch_size=128,
            seeds=4,
            trials=20,
            most=60,
            goal=20.0,
        ),
    ]
    tasks = [task for task in tasks if chosen.lower() in task.name.lower()]
    if any(task.dataset == str(embeddings) for task in tasks):
        _write_embeddings(embeddings)
    return tasks


def _write_embeddings(file: Path) -> None:
    """Write the first principal components of pairs of digits, in 100 classes."""
    from sklearn.decomposition import PCA

    from sweeper import data

    pairs = data.load(PAIRS)
    pixels = pairs.inputs.numpy().reshape(len(pairs), -1).astype(np.float32) / 255
    components = PCA(COMPONENTS, random_state=0).fit_transform(pixels)
    np.savez(file, embeddings=components.astype(np.float32), labels=pairs.labels.numpy())
