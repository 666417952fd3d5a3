"""The settings that every task of the atlas is measured with."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import qmc

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import baselines
from sweeper.study.space.default_space import default_space

Point = dict[str, float]
_SPACE = default_space("combined")
_NAMES = tuple(_SPACE)

#: On the axes: normalized softmax over the scale, then one margin at a time. Each loss's default in
#: use is among them.
AXES: tuple[Point, ...] = (
    *({"scale": scale} for scale in (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)),
    *(
        {"m2": m2, "scale": scale}
        for m2, scale in ((-0.2, 16.0), (0.2, 16.0), (0.5, 8.0), (0.8, 16.0), (0.5, 64.0))
    ),
    *(
        {"m3": m3, "scale": scale}
        for m3, scale in ((-0.2, 16.0), (0.15, 16.0), (0.35, 8.0), (0.5, 16.0), (0.35, 64.0))
    ),
    *(
        {"m1": m1, "scale": scale}
        for m1, scale in ((0.9, 16.0), (1.15, 16.0), (1.35, 8.0), (1.5, 16.0), (1.35, 64.0))
    ),
)

#: The defaults in use with two margins and with three.
_TWO: Point = {"m2": 0.3, "m3": 0.2, "scale": 64.0}
_THREE: Point = {"m1": 0.9, "m2": 0.4, "m3": 0.15, "scale": 64.0}

#: Settings of the design that tell regimes apart: the scale alone, then each margin weak and strong
#: with a small and a large scale, and the defaults in use.
_CHOSEN: tuple[Point, ...] = (
    *({"scale": scale} for scale in (4.0, 8.0, 16.0, 32.0, 64.0, 128.0)),
    {"m2": 0.2, "scale": 16.0},
    {"m2": 0.5, "scale": 8.0},
    {"m2": 0.8, "scale": 16.0},
    {"m2": 0.5, "scale": 64.0},
    {"m3": 0.15, "scale": 16.0},
    {"m3": 0.35, "scale": 8.0},
    {"m3": 0.35, "scale": 64.0},
    {"m1": 1.35, "scale": 8.0},
    {"m1": 1.35, "scale": 64.0},
    _TWO,
)

_PAIRS = (("m1", "m2"), ("m1", "m3"), ("m2", "m3"))
#: Drawn on pairs, and inside: as many as stand on the axes, less the default in use.
_DRAWN = len(AXES) - 1


def design(num_classes: int, embedding: int) -> list[Setting]:
    """Return the settings, all of them as the combined loss has them, each once.

    A third lies on the axes, a third varies two margins and a third all three, each with the scale:
    these are the same for each task. The formulas of `baselines` follow, which depend on it.

    Args:
        num_classes: that are trained on.
        embedding: dimensions.
    """
    named = baselines(num_classes, embedding, lr=Setting().lr, weight_decay=0.0).values()
    formulas = [
        {name: getattr(setting, name) for name in _NAMES}
        for setting in named
        if setting.loss != "softmax"
    ]
    pairs = [
        point((*_PAIRS[number % len(_PAIRS)], "scale"), shares)
        for number, shares in enumerate(_draw(3))
    ]
    inside = [point(_NAMES, shares) for shares in _draw(4)]
    every = (*AXES, *pairs, _TWO, *inside, _THREE, *formulas)
    return list(dict.fromkeys(Setting("combined", **each) for each in every))


def chosen() -> list[Setting]:
    """Return sixteen settings of every design, which are measured in more regimes than the rest."""
    return [Setting.of("combined", each) for each in _CHOSEN]


def _draw(dimensions: int) -> Iterator[Sequence[float]]:
    """Yield points of Sobol's sequence in the unit cube, without its corner."""
    powers = (_DRAWN + 1).bit_length()
    drawn = qmc.Sobol(dimensions, scramble=False).random_base2(powers)
    yield from np.asarray(drawn)[1 : _DRAWN + 1].tolist()


def point(names: Sequence[str], shares: Sequence[float]) -> Point:
    """Return the point at these shares of the ranges, the scale's on a logarithmic axis."""
    values = {}
    for name, share in zip(names, shares, strict=True):
        low, high = _SPACE[name]["low"], _SPACE[name]["high"]
        logarithmic = _SPACE[name].get("log", False)
        value = low * (high / low) ** share if logarithmic else low + (high - low) * share
        values[name] = round(value, 3)
    return values
