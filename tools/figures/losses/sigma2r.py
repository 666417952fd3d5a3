"""The figure of σ²R."""

from collections.abc import Callable

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


def sigma2r() -> Figure:
    """σ²R: its weight β, and how hard it pulls a sample, beside the center loss."""
    figure, (left, right) = panels(2)
    z = TERMS["sigma2r"].hyperparameters["z"].default
    growths = ((-8.0, BLUE), (-4.0, GREEN), (-2.0, PURPLE), (0.0, RED))
    # Two samples, t above and below the line at h from the center: both have the same β.
    t = 1.0
    h = torch.linspace(0.0, 3.0, POINTS, dtype=torch.float64)
    pairs = torch.stack([torch.stack([h, h * 0 + t], -1), torch.stack([h, h * 0 - t], -1)], 1)
    labels, center = torch.tensor([0, 0]), torch.zeros(1, 2, dtype=torch.float64)
    excess = 2.0 * t - (h**2 + t**2).sqrt()
    for w, color in growths:
        growth = torch.tensor([w], dtype=torch.float64)
        beta = losses.sigma2r_loss(pairs, labels, center, growth, z=z) / (h**2 + t**2)
        left.plot(excess, beta, color=color, label=f"w = {w:g}".replace("-", "−"))
    left.legend(loc="upper left")
    name(left, f"weight β at Z = {z:g}", "σ(n, x) − σ(n, c) (units of the embedding)", "β")

    # A class of 25 in 50 draws: 24 samples around the center, and one that moves away from it.
    generator = torch.Generator().manual_seed(0)
    others = 0.5 * torch.randn(50, 24, 2, generator=generator, dtype=torch.float64)
    places = torch.linspace(0.02, 2.0, POINTS // 3, dtype=torch.float64)
    labels = torch.zeros(25, dtype=torch.int64)

    def pull(term: Callable[[Tensor], Tensor]) -> list[float]:
        """Return how long the gradient with respect to the sample is, of B times the term."""
        found = []
        for place in places:
            x = torch.stack([place, place * 0]).expand(50, 1, 2).clone().requires_grad_()
            loss = len(labels) * term(torch.cat([x, others], 1)).sum()
            found.append(float(torch.autograd.grad(loss, x)[0].norm(dim=-1).mean()))
        return found

    def weighted(w: float) -> Callable[[Tensor], Tensor]:
        growth = torch.tensor([w], dtype=torch.float64)
        return lambda x: losses.sigma2r_loss(x, labels, center, growth, z=z)

    plain = pull(lambda x: losses.center_loss(x, labels, center))
    right.plot(places, plain, "--", color=GRAY, label="center")
    for w, color in growths:
        label = f"σ²R, w = {w:g}".replace("-", "−")
        right.plot(places, pull(weighted(w)), color=color, label=label)
    right.set_yscale("log")
    right.set_ylim(0.01, 1000.0)
    right.set_xlim(0.0, 2.0)
    right.legend(loc="lower right")
    x = "distance to the center (units of the embedding)"
    name(right, "pull on a sample at λ = 1, in a class of spread 0.5", x, "B ‖∂ term / ∂x‖")
    return figure
