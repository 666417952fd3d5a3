"""Initialization of class weights, and the checks of their sizes."""

import torch
from torch import nn


def class_parameter(fan_in: int, *shape: int) -> nn.Parameter:
    """Return a parameter drawn like that of `torch.nn.Linear`: uniform in ±1/√fan_in.

    Margin losses use only the direction of a weight, but its length (here about 1/√3 at any
    embedding size) divides its effective learning rate. The initialization is that of plain
    softmax, so that losses compared with one seed start from the same weights.
    """
    bound = fan_in**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def check_sizes(num_classes: int, embedding_size: int) -> None:
    """Raise ValueError unless there are at least two classes and one feature."""
    if num_classes < 2:
        raise ValueError(f"num_classes must be at least 2, got {num_classes}")
    if embedding_size < 1:
        raise ValueError(f"embedding_size must be at least 1, got {embedding_size}")
