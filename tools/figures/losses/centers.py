"""Figures of the terms that compare a sample with centers, or with few others, on a line."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses
from sweeper.registry.terms import TERMS
from tools.figures.losses.drawing import (
    BLUE,
    GRAY,
    GREEN,
    POINTS,
    PURPLE,
    RED,
    name,
    panels,
)


def line(features: Tensor) -> Tensor:
    """Return numbers as embeddings of one dimension."""
    return features.unsqueeze(-1)


def alone(term: Callable[[Tensor], Tensor], places: Tensor) -> Tensor:
    """Return a term at each place of the one sample that moves."""
    return torch.stack([term(place) for place in places])


CENTERS = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
OWN = torch.tensor([0])


def along_the_line(
    title: str,
    curves: Sequence[tuple[str, str, str, Callable[[Tensor], Tensor]]],
    high: float,
    own: str = "own center",
    other: str = "other center",
) -> Figure:
    """Draw terms of a sample that moves along the line from its center at 0 to another at 2."""
    places = torch.linspace(-1.0, 3.0, POINTS, dtype=torch.float64)
    figure, (axis,) = panels(1)
    for label, color, style, term in curves:
        axis.plot(places, alone(term, places), style, color=color, label=label)
    axis.set_ylim(-0.03 * high, high)
    axis.set_xlim(-1.0, 3.0)
    axis.set_xticks(range(-1, 4), ["−1", f"0\n{own}", "1", f"2\n{other}", "3"])
    for place in (0.0, 2.0):
        axis.axvline(place, color="#888888", linewidth=0.8, linestyle=":")
    axis.legend(loc="upper left")
    name(axis, title, "place of the sample (units of the embedding)", "term")
    return figure


def center_of(x: Tensor) -> Tensor:
    """Return the center loss of one sample."""
    return losses.center_loss(line(x.view(1)), OWN, CENTERS)


CENTER = ("center", GRAY, "--", center_of)


def git() -> Figure:
    """Git loss of two samples, each as far from its center as the other from its own."""

    def term(lambda_c: float, lambda_g: float) -> Callable[[Tensor], Tensor]:
        def value(x: Tensor) -> Tensor:
            both = line(torch.stack([x, 2.0 - x]))
            return losses.git_loss(both, torch.tensor([0, 1]), CENTERS, lambda_c, lambda_g)

        return value

    curves = [
        CENTER,
        ("λc = 1, λg = 1", BLUE, "-", term(1.0, 1.0)),
        ("λc = 1, λg = 3", PURPLE, "-", term(1.0, 3.0)),
        ("λc = 0, λg = 1", GREEN, "-", term(0.0, 1.0)),
    ]
    return along_the_line("git loss", curves, 5.0)


def contrastive_center() -> Figure:
    """Contrastive-center loss of one sample and two centers."""

    def term(delta: float) -> Callable[[Tensor], Tensor]:
        def value(x: Tensor) -> Tensor:
            return losses.contrastive_center_loss(line(x.view(1)), OWN, CENTERS, delta)

        return value

    default = TERMS["contrastive-center"].hyperparameters["delta"].default
    curves = [
        CENTER,
        (f"δ = {default:g}", RED, "-", term(default)),
        ("δ = 0.3", BLUE, "-", term(0.3)),
        ("δ = 4", GREEN, "-", term(4.0)),
    ]
    return along_the_line("contrastive-center loss", curves, 5.0)


def triplet_center() -> Figure:
    """Triplet-center loss of one sample and two centers."""

    def term(m: float) -> Callable[[Tensor], Tensor]:
        def value(x: Tensor) -> Tensor:
            return losses.triplet_center_loss(line(x.view(1)), OWN, CENTERS, m)

        return value

    default = TERMS["triplet-center"].hyperparameters["margin"].default
    curves = [
        CENTER,
        ("m = 0", GREEN, "-", term(0.0)),
        ("m = 1", BLUE, "-", term(1.0)),
        (f"m = {default:g}", RED, "-", term(default)),
    ]
    return along_the_line("triplet-center loss", curves, 10.0)


def soft_nearest_neighbor() -> Figure:
    """Soft nearest neighbor loss of two mates, one of which moves, and one stranger."""

    def term(temperature: float) -> Callable[[Tensor], Tensor]:
        def value(x: Tensor) -> Tensor:
            three = line(torch.stack([x, torch.zeros_like(x), torch.full_like(x, 2.0)]))
            labels = torch.tensor([0, 0, 1])
            return losses.soft_nearest_neighbor_loss(three, labels, temperature)

        return value

    default = TERMS["soft-nearest-neighbor"].hyperparameters["temperature"].default
    curves = [
        (f"T = {default:g}", RED, "-", term(default)),
        ("T = 0.5", BLUE, "-", term(0.5)),
        ("T = 10", GREEN, "-", term(10.0)),
    ]
    return along_the_line("soft nearest neighbor loss", curves, 6.0, "own mate", "other class")
