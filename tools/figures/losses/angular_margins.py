"""Figures of the losses with a margin in the angle or the cosine."""

from collections.abc import Callable

import torch
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses
from sweeper.registry.setting import paper_default
from tools.figures.losses.drawing import (
    BLUE,
    GRAY,
    GREEN,
    PLAIN,
    PURPLE,
    RED,
    Curve,
    margin,
    margins,
)


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

    def annealed(lam: float) -> Callable[[Tensor], Tensor]:
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


def warmup() -> Figure:
    """ArcFace's margin as it rises over 100 steps."""
    loss = losses.ArcFaceLoss(2, 2, margin=paper_default("arcface").m2, scale=1.0, warmup_steps=100)
    loss.double()
    assert loss.step is not None
    counter = loss.step
    with torch.no_grad():
        loss.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))

    def at(step: int) -> Callable[[Tensor], Tensor]:
        def target(cosine: Tensor) -> Tensor:
            # From the loss of one sample a time: L = log(e^z + e^other) - z
            counter.fill_(step)
            sine = (1.0 - cosine**2).clamp(min=0.0).sqrt()
            features = torch.stack([cosine, sine], -1).unsqueeze(-2)
            with torch.no_grad():
                other = loss.logits(features)[:, 0, 1]
                lost: Tensor = loss(features, torch.tensor([0]))
                return other - lost.expm1().log()

        return target

    steps = ((0, GRAY, "--"), (25, GREEN, "-"), (50, BLUE, "-"), (100, RED, "-"))
    curves = [Curve(f"step {step}", color, at(step), style) for step, color, style in steps]
    return margins(curves, "step 100")
