"""Nets of a user's own for embeddings, each with what once went wrong."""

from typing import Any

import torch
from torch import Tensor, nn


class Aliased(nn.Module):
    """One module under two names, with weights and with buffers, and a weight in two modules."""

    def __init__(self, size: int, embedding: int) -> None:
        super().__init__()
        self.first = nn.Linear(size, embedding)
        self.middle = nn.Linear(embedding, embedding)
        self.again = self.middle
        self.norm = nn.BatchNorm1d(embedding)
        self.same_norm = self.norm
        self.tied = nn.Linear(embedding, embedding)
        self.tied.weight = self.middle.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.middle(torch.relu(self.norm(self.first(x))))
        return self.tied(torch.relu(self.same_norm(self.again(torch.relu(x)))))


class Remembering(nn.Module):
    """A net with state that is no tensor of its own."""

    def __init__(self, size: int, embedding: int) -> None:
        super().__init__()
        self.first = nn.Linear(size, embedding)
        self.second = nn.Linear(embedding, embedding)
        self.factor = 0.5
        self.norm = torch.zeros(())

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * self.second(torch.relu(self.first(x)))

    def get_extra_state(self) -> dict[str, Any]:
        return {"factor": self.factor, "norm": self.first.weight.detach().norm()}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        self.factor, self.norm = state["factor"], state["norm"]


def remembering(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    return Remembering(input_shape[0], embedding)


def aliased(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    return Aliased(input_shape[0], embedding)


def local(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Return a net of a class that is made anew for each."""

    class Local(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(input_shape[0], embedding)
            self.second = nn.Linear(embedding, embedding)

        def forward(self, x: Tensor) -> Tensor:
            return self.second(torch.relu(self.first(x)))

    return Local()


def growing(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Return a net that has other layers each time."""
    hidden = int(torch.randint(4, 4096, ()))
    return nn.Sequential(nn.Linear(input_shape[0], hidden), nn.Tanh(), nn.Linear(hidden, embedding))


def wide(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Return a net of over two megabytes."""
    hidden = 50_000
    return nn.Sequential(nn.Linear(input_shape[0], hidden), nn.ReLU(), nn.Linear(hidden, embedding))


def secretive(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Return a net with state that only running its code could read back."""

    class Secretive(Remembering):
        def get_extra_state(self) -> dict[str, Any]:
            return {"net": type(self)}

    return Secretive(input_shape[0], embedding)
