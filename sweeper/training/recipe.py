"""How a net is trained, apart from the settings that are compared."""

from dataclasses import dataclass

from torch import Tensor

from sweeper.training.protocol import USUAL, TrainingProtocol


@dataclass(frozen=True)
class TrainingRecipe:
    """What all members that are trained together share.

    Args:
        net: a net's name, see `sweeper.models.build`.
        embedding: the size of the embedding.
        epochs: the budget, over which the learning rate falls along a cosine.
        batch_size: samples per batch; not asked for where batches have equally many of each class.
        protocol: schedule, batches and augmentation.
    """

    net: str
    embedding: int
    epochs: int
    batch_size: int
    protocol: TrainingProtocol = USUAL

    def samples_per_batch(self, num_classes: int) -> int:
        """Return how many samples a batch has at most."""
        return self.protocol.batch(num_classes, self.batch_size)

    def steps_per_epoch(self, labels: Tensor) -> int:
        """Return how many batches an epoch on training samples with these labels ``[n]`` has."""
        return self.protocol.steps(labels, self.batch_size)
