"""Figures of the losses that compare pairs."""

import math

import torch
from matplotlib.figure import Figure

from sweeper import losses
from sweeper.registry.terms import TERMS
from tools.figures.losses.drawing import (
    BLUE,
    GRAY,
    GREEN,
    POINTS,
    RED,
    name,
    panels,
    turn,
)


def triplet() -> Figure:
    """Triplet loss of one pair, a negative that moves, and one that stays far away."""
    figure, (axis,) = panels(1)
    half, far = (
        0.35,
        2.2,
    )  # half the angle between the pair, and the far negative's from their middle
    gamma = torch.linspace(0.0, 1.5, 3 * POINTS, dtype=torch.float64)
    middle = math.cos(half)
    pair = [(middle, math.sin(half), 0.0), (middle, -math.sin(half), 0.0)]
    labels = torch.tensor([0, 0, 1, 2])
    batches = torch.tensor(
        [
            [*pair, (math.cos(g), 0.0, math.sin(g)), (math.cos(far), 0.0, math.sin(far))]
            for g in gamma.tolist()
        ],
        dtype=torch.float64,
    )
    to_positive = float((batches[0, 0] - batches[0, 1]).square().sum())
    to_negative = (batches[:, 0] - batches[:, 2]).square().sum(-1)
    m = TERMS["triplet"].hyperparameters["margin"].default
    for mining, color, style in (("hard", BLUE, "--"), ("semi-hard", RED, "-")):
        values = losses.triplet_loss(batches, labels, m, mining)
        axis.plot(to_negative, values, style, color=color, label=mining)
    for place, word in ((to_positive, " d(a, p)"), (to_positive + m, " d(a, p) + m")):
        axis.axvline(place, color="#999999", linewidth=0.8, linestyle=":")
        axis.text(place, 0.6, word, color="#555555", fontsize=8, rotation=90, ha="right", va="top")
    axis.set_ylim(-0.02, 0.62)
    axis.legend(loc="upper right")
    x = "squared distance d(a, n) of the nearest negative, unit length"
    name(axis, f"triplet loss, m = {m:g}", x, "term")
    return figure


def contrastive() -> Figure:
    """Contrastive loss of one pair."""
    figure, (axis,) = panels(1)
    theta = turn()
    unit = torch.stack([theta.cos(), theta.sin()], -1)
    pairs = torch.stack([unit, torch.tensor([1.0, 0.0]).double().expand_as(unit)], 1)
    distance = (pairs[:, 0] - pairs[:, 1]).norm(dim=-1)
    same, two = torch.tensor([0, 0]), torch.tensor([0, 1])
    axis.plot(
        distance, losses.contrastive_loss(pairs, same, 1.0), "--", color=GRAY, label="one class"
    )
    default = TERMS["contrastive"].hyperparameters["margin"].default
    for m, color in ((0.5, BLUE), (default, RED), (1.5, GREEN)):
        values = losses.contrastive_loss(pairs, two, m)
        axis.plot(distance, values, color=color, label=f"two classes, m = {m:g}")
    axis.set_ylim(-0.06, 2.6)
    axis.legend(loc="upper center", ncols=2)
    name(axis, "contrastive loss of a pair", "distance d of the pair, unit length", "term")
    return figure
