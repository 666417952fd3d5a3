"""How members are trained, apart from net and budget: schedule, batches, augmentation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

import torch
from torch import Tensor

from sweeper.registry.decay import Decay
from sweeper.training.augmentation import Augmentation
from sweeper.training.balanced_batches import balanced_batches, balanced_steps
from sweeper.training.batching import batches, steps_per_epoch


@dataclass(frozen=True)
class TrainingProtocol:
    """A way of training; by default plain batches, a rate that falls at each step, no augmentation.

    That of La Grassa et al. 2020, section 5, is ``TrainingProtocol("epoch", 25, Augmentation(4,
    math.radians(15), True, True))``.

    Args:
        decay: when the learning rate falls along its cosine.
        per_class: samples of each class per batch; None for batches of any samples.
        augmentation: how the images of a batch are changed.

    Raises:
        ValueError: no such decay, or `per_class` is not positive.
    """

    decay: Decay = "step"
    per_class: int | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        if self.decay not in get_args(Decay):
            raise ValueError(f"decay must be {' or '.join(get_args(Decay))}, not {self.decay!r}")
        if self.per_class is not None and self.per_class < 1:
            raise ValueError(f"per_class must be at least 1, not {self.per_class}")

    def batches(
        self,
        labels: Tensor,
        batch_size: int,
        seeds: Sequence[int],
        epoch: int,
        device: torch.device,
    ) -> Iterator[Tensor]:
        """Yield the batches of an epoch as indices ``[R, B]``, one row per seed.

        Args:
            labels: of the training samples, ``[n]``, from 0 to C - 1.
            batch_size: B at most; not asked for class-balanced batches, whose B is
                ``C * per_class``.
            seeds: the R seeds.
            epoch: from 0.
            device: where the indices are put.

        Raises:
            ValueError: a class has no samples for class-balanced batches.
        """
        if self.per_class is None:
            yield from batches(len(labels), batch_size, seeds, epoch, device)
        else:
            for batch in balanced_batches(labels, self.per_class, seeds, epoch):
                yield batch.to(device)

    def batch(self, num_classes: int, batch_size: int) -> int:
        """Return how many samples a batch has at most."""
        return batch_size if self.per_class is None else self.per_class * num_classes

    def steps(self, labels: Tensor, batch_size: int) -> int:
        """Return how many batches `batches` yields per epoch."""
        if self.per_class is None:
            return steps_per_epoch(len(labels), batch_size)
        return balanced_steps(labels, self.per_class)

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the default, as plain numbers and words for storage.

        ``{}`` for the default; ``{"decay": "epoch", "per_class": 25, "augmentation": {"crop": 4}}``
        for another. Equal protocols give equal dictionaries, in one order of keys.
        """
        kept = _differing(self, USUAL)
        if "augmentation" in kept:
            kept["augmentation"] = _differing(self.augmentation, Augmentation())
        return kept

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "TrainingProtocol":
        """Return the protocol that `to_dict` made this of.

        Raises:
            ValueError: an unknown key, or a value out of range.
        """
        augmentation = _known(stored.get("augmentation", {}), Augmentation)
        return cls(**{**_known(stored, cls), "augmentation": Augmentation(**augmentation)})


#: The default.
USUAL = TrainingProtocol()


def _differing(
    one: TrainingProtocol | Augmentation, default: TrainingProtocol | Augmentation
) -> dict[str, Any]:
    plain = asdict(default)
    return {name: value for name, value in asdict(one).items() if value != plain[name]}


def _known(
    stored: Mapping[str, Any], of: type[TrainingProtocol] | type[Augmentation]
) -> dict[str, Any]:
    unknown = set(stored) - {each.name for each in fields(of)}
    if unknown:
        what = of.__name__.removeprefix("Training").lower()
        raise ValueError(f"unknown key of {what}: {', '.join(sorted(unknown))}")
    return dict(stored)
