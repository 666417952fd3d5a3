"""The learning-rate schedule: half a cosine, from the whole rate to none."""

import math

from sweeper.registry.decay import Decay


def cosine_decay(step: int, steps: int) -> float:
    """Return the factor on the learning rate at a step, falling from 1 to 0 along half a cosine.

    Loshchilov and Hutter 2017, equation 5, without restarts.
    """
    return 0.5 * (1 + math.cos(math.pi * step / steps))


def rate_factor(decay: Decay, done: int, steps_per_epoch: int, epochs: int) -> float:
    """Return the factor on the learning rates of a step.

    Args:
        decay: when the rate falls.
        done: steps taken before it, over all epochs.
        steps_per_epoch: as many in each.
        epochs: the budget, at whose end the rate would be 0.
    """
    if decay == "epoch":
        return cosine_decay(done // steps_per_epoch, epochs)
    return cosine_decay(done, epochs * steps_per_epoch)
