"""The start of the weights of classes."""

import torch
from torch import nn


def class_parameter(fan_in: int, *shape: int) -> nn.Parameter:
    """Return a parameter drawn as `torch.nn.Linear` draws its own: uniform within ±1/√fan_in.

    Margin losses see the direction of a weight alone, yet its length (here about 1/√3 at any
    embedding size) divides its learning rate. They start as plain softmax does, so that losses
    compared at one seed start from the same weights.
    """
    bound = fan_in**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def check_sizes(num_classes: int, embedding_size: int) -> None:
    """Raise ValueError unless there are classes to tell apart and features to do it by."""
    if num_classes < 2:
        raise ValueError(f"num_classes must be at least 2, got {num_classes}")
    if embedding_size < 1:
        raise ValueError(f"embedding_size must be at least 1, got {embedding_size}")
