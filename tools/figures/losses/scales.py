"""Figures of softmax and of the scale: fixed, adaptive, and with several centers per class."""

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses
from tools.figures.losses.drawing import (
    BLUE,
    GRAY,
    GREEN,
    POINTS,
    PURPLE,
    RED,
    angles,
    border,
    name,
    panels,
    plane,
    turn,
)


def softmax() -> Figure:
    """Logits that depend on lengths, and borders that do."""
    theta = turn()
    unit = torch.stack([theta.cos(), theta.sin()], -1)
    figure, (left, right) = panels(2)
    plain, normalized = losses.SoftmaxLoss(2, 2), losses.NormalizedSoftmaxLoss(2, 2, scale=3.0)
    with torch.no_grad():
        for loss in (plain.double(), normalized.double()):
            loss.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        plain.bias.zero_()
        for length, color in ((1.0, BLUE), (2.0, GREEN), (4.0, PURPLE)):
            values = plain.logits(length * unit)[:, 0]
            left.plot(theta, values, color=color, label=f"softmax, ‖x‖ = {length:g}")
        values = normalized.logits(unit)[:, 0]
        left.plot(theta, values, "--", color=GRAY, label="normalized, s = 3")
        for length, bias, label, color, style in (
            (1.0, 0.0, "equal; normalized", GRAY, "--"),
            (1.5, 0.0, "‖W₁‖ = 1.5 ‖W₂‖", BLUE, "-"),
            (1.0, 0.5, "b₁ − b₂ = ‖x‖ / 2", GREEN, "-"),
        ):
            plain.weight.copy_(torch.tensor([[length, 0.0], [0.0, 1.0]]))
            plain.bias.copy_(torch.tensor([bias, 0.0]))

            def logit(cosine: Tensor) -> Tensor:
                """Return that of class 1, which is cos θ2 on the border: ‖W_2‖ = 1 and b_2 = 0."""
                feature = torch.stack([cosine, (1.0 - cosine**2).clamp(min=0.0).sqrt()], -1)
                return plain.logits(feature)[:, 0]

            right.plot(*border(logit), style, color=color, label=label)
    angles(left, "x")
    left.legend(loc="upper right")
    name(left, "target logit at ‖W‖ = 1, b = 0", "angle θ to the own class (rad)", "target logit")
    plane(right, "border between two classes")
    right.legend(loc="upper left")
    right.text(0.1 * math.pi, 0.45 * math.pi, "class 1", va="center")
    right.text(0.9 * math.pi, 0.2 * math.pi, "class 2", va="center", ha="right")
    return figure


def probability(scale: float, classes: int) -> Tensor:
    """Return the probability of the own class over θ, every other class at a right angle."""
    cosine = torch.zeros(POINTS, 1, classes, dtype=torch.float64)
    cosine[:, 0, 0] = turn().cos()
    return (-losses.mean_cross_entropy(scale * cosine, torch.tensor([0]))).exp()


def scale() -> Figure:
    """What the scale does: the probability over the angle, and the least loss."""
    figure, (left, right) = panels(2)
    for s, color in ((2, BLUE), (4, GREEN), (16, PURPLE), (64, RED)):
        left.plot(turn(), probability(s, 10), color=color, label=f"s = {s}")
    angles(left, "x")
    left.legend(loc="upper right")
    name(
        left,
        "10 classes, the others at π/2",
        "angle θ to the own class (rad)",
        "probability of the class",
    )
    scales = torch.logspace(0.0, 7.0, POINTS, base=2.0, dtype=torch.float64)
    for classes, color in ((10, BLUE), (100, GREEN), (1000, PURPLE)):
        cosine = torch.full((POINTS, 1, classes), -1.0 / (classes - 1), dtype=torch.float64)
        cosine[..., 0] = 1.0
        least = losses.mean_cross_entropy(scales.view(-1, 1, 1) * cosine, torch.tensor([0]))
        right.plot(scales, least, color=color, label=f"{classes:,} classes")
    right.set_xscale("log", base=2)
    right.set_xticks([2**i for i in range(8)], [str(2**i) for i in range(8)])
    right.set_yscale("log")
    right.set_ylim(1e-4, 10.0)
    right.legend(loc="lower left")
    name(right, "at the center, the others farthest", "scale s", "loss (nat)")
    return figure


def adacos() -> Figure:
    """The probability at AdaCos's fixed scale, and how its dynamic scale follows the angle."""
    figure, (left, right) = panels(2)
    theta = turn()
    for classes, color in ((10, BLUE), (100, GREEN), (1000, PURPLE)):
        s = float(losses.AdaCosLoss(classes, 2, dynamic=False).scale)
        label = f"C = {classes:,}, s = {s:.2f}"
        left.plot(theta, probability(s, classes), color=color, label=label)
        cosine = torch.zeros(POINTS, 1, classes, dtype=torch.float64)
        cosine[:, 0, 0] = theta.cos()
        moving = losses.adacos_scale(cosine, torch.tensor([0]), s)
        right.plot(theta, moving, color=color, label=f"C = {classes:,}")
    left.plot(theta, probability(64.0, 1000), "--", color=GRAY, label="C = 1,000, s = 64")
    for axis in (left, right):
        angles(axis, "x")
        axis.legend(loc="upper right")
    right.set_ylim(0.0, 14.0)
    x = "angle θ to the own class (rad)"
    name(left, "fixed scale, the others at π/2", x, "probability of the class")
    name(right, "dynamic scale, the others at π/2", "median angle of the batch (rad)", "scale s")
    return figure


def subcenters() -> Figure:
    """The cosine of a class with one center, and with two."""
    around = torch.linspace(-math.pi, math.pi, 2 * POINTS - 1, dtype=torch.float64)
    features = torch.stack([around.cos(), around.sin()], -1)
    figure, (axis,) = panels(1)
    for centers, color, style, label in (
        ((0.0,), GRAY, "--", "S = 1, center at 0"),
        ((-math.pi / 4, math.pi / 2), RED, "-", "S = 2, centers at −π/4 and π/2"),
    ):
        loss = losses.NormalizedSoftmaxLoss(2, 2, scale=1.0, subcenters=len(centers)).double()
        at = torch.tensor([[math.cos(a), math.sin(a)] for a in centers], dtype=torch.float64)
        with torch.no_grad():
            loss.weight[0] = at if len(centers) > 1 else at[0]
            values = loss.logits(features)[:, 0]
        axis.plot(around, values, style, color=color, label=label)
    ticks = ("−π", "−π/2", "0", "π/2", "π")
    axis.set_xticks([i * math.pi / 2 for i in range(-2, 3)], ticks)
    axis.set_ylim(-1.1, 1.65)
    axis.legend(loc="upper left")
    name(
        axis, "one class on the circle", "direction of the feature (rad)", "logit of the class / s"
    )
    return figure
