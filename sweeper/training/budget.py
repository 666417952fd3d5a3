"""Epochs and batches that suit a number of images."""

from typing import NamedTuple

from sweeper.training.batching import steps_per_epoch

#: Images that a training sees in all.
_SEEN = 200_000

#: Steps that the optimizer takes at least: with fewer, Adam at its usual rate has not learned yet.
_STEPS = 1_000


class Budget(NamedTuple):
    """How long a training is."""

    epochs: int
    batch_size: int


def fitting_budget(images: int, batch_size: int | None = None) -> Budget:
    """Return the budget of a training for which none is given.

    Few images are seen more often and in smaller batches, or a net would take too few steps to
    learn them; many need no more than 4 epochs to tell one setting from another.

    Args:
        images: how many are trained on, at least 1.
        batch_size: where it is given.
    """
    chosen = batch_size or (32 if images < 4096 else 128)
    seen = min(20, max(4, round(_SEEN / images)))
    return Budget(max(seen, -(-_STEPS // steps_per_epoch(images, chosen))), chosen)
