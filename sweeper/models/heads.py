"""Nets for precomputed embeddings: identity, one linear layer, or a small multilayer perceptron."""

from torch import nn


def head(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build a net without layers, so that only the weights of the loss are trained.

    The embedding is the input itself, whatever size is requested.
    """
    return nn.Sequential()


def linear(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build one linear layer from inputs ``(d,)`` to the embedding."""
    return nn.Sequential(nn.Linear(input_shape[0], embedding))


def mlp(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build a hidden ReLU layer of 128 and a linear layer to the embedding, for inputs ``(d,)``."""
    return nn.Sequential(nn.Linear(input_shape[0], 128), nn.ReLU(), nn.Linear(128, embedding))
