"""A setting: the hyperparameters of one trial. Plain numbers, shared by every layer."""

import math
from dataclasses import dataclass, fields, replace

#: The margins and the scale that each classification loss has; the others stay neutral.
LOSSES: dict[str, tuple[str, ...]] = {
    "softmax": (),
    "normalised-softmax": ("scale",),
    "sphereface": ("m1", "scale"),
    "cosface": ("m3", "scale"),
    "arcface": ("m2", "scale"),
    "combined": ("m1", "m2", "m3", "scale"),
}

_NUMBERS = (*LOSSES["combined"], "lr", "weight_decay")


@dataclass(frozen=True)
class Setting:
    """One choice of hyperparameters.

    The target logit is ``scale * (cos(m1 * θ + m2) - m3)``, with θ in radians. What the loss does
    not have keeps its default: margins 1, 0 and 0, which change nothing, and the scale 64.

    Raises:
        ValueError: no such loss, a number that is not finite or out of its range, or a margin or a
            scale that the loss does not have.
    """

    loss: str = "combined"
    m1: float = 1.0
    m2: float = 0.0
    m3: float = 0.0
    scale: float = 64.0
    lr: float = 1e-3
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"unknown loss {self.loss!r}")
        for name in _NUMBERS:
            value = getattr(self, name)
            if not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, not {value}")
            if name in LOSSES["combined"] and name not in LOSSES[self.loss]:
                neutral = getattr(type(self), name)
                if value != neutral:
                    raise ValueError(f"{self.loss} has no {name}: it stays {neutral}, not {value}")
        if self.m1 <= 0 or self.scale <= 0 or self.lr <= 0 or self.weight_decay < 0:
            raise ValueError(
                f"m1, scale and lr must be positive, weight_decay not negative: {self}"
            )

    def describe(self) -> str:
        """Return the setting in one short phrase, for tables and messages."""
        shown = ", ".join(f"{name} {getattr(self, name):.3g}" for name in LOSSES[self.loss])
        return f"{self.loss} ({shown})" if shown else self.loss


#: What tells one setting from another: the names of all its fields.
FIELDS = tuple(field.name for field in fields(Setting))

#: The settings that the papers recommend, for comparison: ArcFace, CosFace and the combination from
#: Deng et al. 2019, CosFace's margin from Wang et al. 2018, SphereFace with normalised features.
DEFAULTS: dict[str, Setting] = {
    "softmax": Setting("softmax"),
    "normalised-softmax": Setting("normalised-softmax"),
    "sphereface": Setting("sphereface", m1=1.35),
    "cosface": Setting("cosface", m3=0.35),
    "arcface": Setting("arcface", m2=0.5),
    "combined": Setting("combined", m2=0.3, m3=0.2),
}


def paper_default(loss: str, lr: float, weight_decay: float) -> Setting:
    """Return what the paper of a loss recommends, trained at the given rate and weight decay."""
    return replace(DEFAULTS[loss], lr=lr, weight_decay=weight_decay)
