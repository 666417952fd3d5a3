"""Draws the figures of docs/losses.md.

``python -m tools.figures.losses [FOLDER] [--format png]`` writes them into docs/figures, or into
another folder. Every curve is computed by the functions of `sweeper.losses`, so that no figure can
show what the code does not do.
"""

import argparse
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")

import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses
from sweeper.registry.setting import paper_default
from sweeper.registry.terms import TERMS

#: Where the page has them.
FOLDER = Path(__file__).parents[2] / "docs" / "figures"
GRAY, RED, BLUE, GREEN, PURPLE = "#666666", "#c8501e", "#0b6fb3", "#0a8a63", "#a8528f"
POINTS = 121
STYLE = {
    "axes.grid": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "grid.color": "#e2e2e2",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.framealpha": 0.9,
    "lines.linewidth": 1.6,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "sweeper",
}


class Curve(NamedTuple):
    """A target logit, divided by s, as a function of cos θ ``[N]``."""

    label: str
    color: str
    target: Callable[[Tensor], Tensor]
    style: str = "-"


def turn() -> Tensor:
    """Return angles from 0 to π in radians, float64."""
    return torch.linspace(0.0, math.pi, POINTS, dtype=torch.float64)


def margin(m1: float = 1.0, m2: float = 0.0, m3: float = 0.0, monotone: bool = True) -> Callable:
    """Return the target logit of the combined margin loss at s = 1."""

    def target(cosine: Tensor) -> Tensor:
        both = torch.stack([cosine, torch.zeros_like(cosine)], -1)
        labels = torch.zeros(len(cosine), dtype=torch.int64)
        return losses.combined_margin_logits(both, labels, m1, m2, m3, 1.0, monotone)[:, 0]

    return target


PLAIN = Curve("no margin", GRAY, margin(), "--")


def panels(count: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of one panel or two."""
    size = (7.4, 3.2) if count == 2 else (4.8, 3.0)
    figure, axes = plt.subplots(1, count, figsize=size, layout="constrained", squeeze=False)
    return figure, list(axes[0])


def angles(axis: Axes, *which: str) -> None:
    """Mark one or both axes in parts of π."""
    labels = ("0", "π/4", "π/2", "3π/4", "π")
    for one in which:
        getattr(axis, f"set_{one}lim")(0.0, math.pi)
        getattr(axis, f"set_{one}ticks")([i * math.pi / 4 for i in range(5)], labels)


def name(axis: Axes, title: str, x: str, y: str) -> None:
    """Give a panel its title and the names of its axes."""
    axis.set_title(title)
    axis.set_xlabel(x)
    axis.set_ylabel(y)


def draw_targets(axis: Axes, curves: Sequence[Curve], title: str = "target logit") -> None:
    """Draw target logits over θ."""
    theta = turn()
    for curve in curves:
        axis.plot(
            theta, curve.target(theta.cos()), curve.style, color=curve.color, label=curve.label
        )
    angles(axis, "x")
    name(axis, title, "angle θ to the own class (rad)", "target logit / s")
    axis.legend(loc="lower left")


def border(target: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Return the angles (θ1, θ2) at which the target logit of class 1 is cos θ2, for rising θ1."""
    theta = torch.linspace(0.0, math.pi, 20_001, dtype=torch.float64)
    values = target(theta.cos())
    there = values.abs() <= 1.0  # else no θ2 is large enough, or every one
    theta, other = theta[there], values[there].acos()
    # At even steps along the border, however steep it is.
    gone = torch.cat([theta[:1] * 0, theta.diff().hypot(other.diff()).cumsum(0)])
    steps = torch.linspace(0.0, float(gone[-1]), 100, dtype=torch.float64)
    kept = torch.searchsorted(gone, steps).clamp(max=len(theta) - 1)
    return theta[kept], other[kept]


def draw_borders(axis: Axes, curves: Sequence[Curve], shaded: str) -> None:
    """Draw the borders of two classes over the angles to both; the band of one margin shaded."""
    for curve in curves:
        near, far = border(curve.target)
        for x, y in ((near, far), (far, near)):
            axis.plot(x, y, curve.style, color=curve.color, linewidth=1.3)
        if curve.label == shaded:
            low, high = (torch.full((1,), end, dtype=torch.float64) for end in (0.0, math.pi))
            x = torch.cat([low, near, high, far.flip(0)])
            y = torch.cat([low, far, high, near.flip(0)])
            axis.fill(x, y, color=curve.color, alpha=0.2, linewidth=0)
    plane(axis, f"decision margin (shaded: {shaded})")
    axis.text(0.02 * math.pi, 0.94 * math.pi, "class 1", va="center")
    axis.text(0.98 * math.pi, 0.06 * math.pi, "class 2", va="center", ha="right")


def plane(axis: Axes, title: str) -> None:
    """Make a panel the plane of the angles to two classes."""
    angles(axis, "x", "y")
    axis.set_aspect("equal")
    name(axis, title, "angle θ₁ to class 1 (rad)", "angle θ₂ to class 2 (rad)")


def margins(curves: Sequence[Curve], shaded: str, borders: Sequence[Curve] = ()) -> Figure:
    """Draw target logits, and beside them the borders of two classes."""
    figure, (left, right) = panels(2)
    draw_targets(left, curves)
    draw_borders(right, borders or curves, shaded)
    return figure


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
        for length, color in ((1, BLUE), (2, GREEN), (4, PURPLE)):
            values = plain.logits(length * unit)[:, 0]
            left.plot(theta, values, color=color, label=f"softmax, ‖x‖ = {length}")
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


def sphereface() -> Figure:
    """SphereFace with normalized features."""
    default = paper_default("sphereface").m1
    curves = [
        PLAIN,
        Curve("m = 0.8", GREEN, margin(m1=0.8)),
        Curve(f"m = {default:g}", RED, margin(m1=default)),
        Curve("m = 2", BLUE, margin(m1=2.0)),
        Curve("m = 4", PURPLE, margin(m1=4.0)),
    ]
    return margins(curves, f"m = {default:g}", [curves[0], *curves[2:]])


def a_softmax() -> Figure:
    """A-Softmax at m = 4, at several λ of its annealing."""
    m = paper_default("a-softmax").m1

    def annealed(lam: float) -> Callable:
        def target(cosine: Tensor) -> Tensor:
            both = torch.stack([cosine, torch.zeros_like(cosine)], -1)
            labels = torch.zeros(len(cosine), dtype=torch.int64)
            return losses.a_softmax_logits(both, torch.ones_like(cosine), labels, m, lam)[:, 0]

        return target

    last = "λ = 5 (last)"
    curves = [
        Curve("λ = 1000 (first)", GRAY, annealed(1000.0), "--"),
        Curve("λ = 20", GREEN, annealed(20.0)),
        Curve(last, RED, annealed(5.0)),
        Curve("λ = 0, in full", BLUE, annealed(0.0)),
    ]
    figure = margins(curves, last)
    figure.axes[0].set_ylabel("target logit / ‖x‖")
    return figure


def cosface() -> Figure:
    """CosFace."""
    default = paper_default("cosface").m3
    curves = [
        PLAIN,
        Curve("m = −0.2", GREEN, margin(m3=-0.2)),
        Curve("m = 0.1", BLUE, margin(m3=0.1)),
        Curve(f"m = {default:g}", RED, margin(m3=default)),
        Curve("m = 0.7", PURPLE, margin(m3=0.7)),
    ]
    return margins(curves, f"m = {default:g}", [curves[0], *curves[2:]])


def arcface() -> Figure:
    """ArcFace."""
    default = paper_default("arcface").m2
    curves = [
        PLAIN,
        Curve("m = −0.2", GREEN, margin(m2=-0.2)),
        Curve("m = 0.2", BLUE, margin(m2=0.2)),
        Curve(f"m = {default:g}", RED, margin(m2=default)),
        Curve("m = 1", PURPLE, margin(m2=1.0)),
    ]
    return margins(curves, f"m = {default:g}", [curves[0], *curves[2:]])


def combined() -> Figure:
    """The combined margin, and the literal cosine past π."""
    default = paper_default("combined")
    shaded = f"(1, {default.m2:g}, {default.m3:g})"
    curves = [
        PLAIN,
        Curve(shaded, RED, margin(1.0, default.m2, default.m3)),
        Curve("(0.9, 0.4, 0.15)", BLUE, margin(0.9, 0.4, 0.15)),
        Curve("(1.5, 0.5, 0), by ψ", PURPLE, margin(1.5, 0.5, 0.0)),
        Curve("(1.5, 0.5, 0), literal", PURPLE, margin(1.5, 0.5, 0.0, monotone=False), ":"),
    ]
    return margins(curves, shaded, curves[:4])


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


def warmup() -> Figure:
    """ArcFace's margin as it rises over 100 steps."""
    loss = losses.ArcFaceLoss(2, 2, margin=paper_default("arcface").m2, scale=1.0, warmup_steps=100)
    loss.double()
    with torch.no_grad():
        loss.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))

    def at(step: int) -> Callable:
        def target(cosine: Tensor) -> Tensor:
            # From the loss of one sample a time: L = log(e^z + e^other) - z
            loss.step.fill_(step)
            sine = (1.0 - cosine**2).clamp(min=0.0).sqrt()
            features = torch.stack([cosine, sine], -1).unsqueeze(-2)
            with torch.no_grad():
                other = loss.logits(features)[:, 0, 1]
                return other - loss(features, torch.tensor([0])).expm1().log()

        return target

    steps = ((0, GRAY, "--"), (25, GREEN, "-"), (50, BLUE, "-"), (100, RED, "-"))
    curves = [Curve(f"step {step}", color, at(step), style) for step, color, style in steps]
    return margins(curves, "step 100")


# --- terms ------------------------------------------------------------------------------------


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


FIGURES: dict[str, Callable[[], Figure]] = {
    "softmax": softmax,
    "scale": scale,
    "sphereface": sphereface,
    "a-softmax": a_softmax,
    "cosface": cosface,
    "arcface": arcface,
    "combined": combined,
    "adacos": adacos,
    "subcenters": subcenters,
    "warmup": warmup,
    "sigma2r": sigma2r,
    "soft-nearest-neighbor": soft_nearest_neighbor,
    "git": git,
    "contrastive-center": contrastive_center,
    "triplet-center": triplet_center,
    "triplet": triplet,
    "contrastive": contrastive,
}


def compact(svg: str) -> str:
    """Return an SVG with its lengths rounded to 0.01 pt, and without comments and indentation."""

    def rounded(attribute: re.Match) -> str:
        text = re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", attribute[0])
        return re.sub(r"\s+", " ", text)

    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(?:d|x|y)="[^"]*"|translate\([^)]*\)', rounded, svg)
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return re.sub(r">\s+<", ">\n<", svg)


def write(name: str, folder: Path, kind: str = "svg") -> Path:
    """Draw one of `FIGURES` into a folder."""
    file = folder / f"{name}.{kind}"
    with matplotlib.rc_context(STYLE):
        figure = FIGURES[name]()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else None
        figure.savefig(file, format=kind, metadata=metadata, dpi=130)
        plt.close(figure)
    if kind == "svg":
        file.write_text(compact(file.read_text(encoding="utf-8")), encoding="utf-8")
    return file


def main() -> None:
    """Draw all figures."""
    parser = argparse.ArgumentParser(description="Draws the figures of docs/losses.md.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    arguments = parser.parse_args()
    for name in FIGURES:
        print(write(name, arguments.folder, arguments.format))


if __name__ == "__main__":
    main()
