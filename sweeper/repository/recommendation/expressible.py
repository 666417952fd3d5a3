"""Conversion of settings between margin losses, which are all special cases of one function."""

from dataclasses import replace

from sweeper.registry.losses import LOSSES, repository_losses
from sweeper.registry.setting import Setting

#: The margins without any effect.
NEUTRAL = {name: getattr(Setting("normalized-softmax"), name) for name in ("m1", "m2", "m3")}


def is_expressible(setting: Setting, loss: str) -> bool:
    """Return True if a margin loss can express a setting; plain softmax always counts."""
    missing = NEUTRAL.keys() - LOSSES[loss].margins.keys()
    return setting.loss == "softmax" or all(
        getattr(setting, name) == NEUTRAL[name] for name in missing
    )


def expressed(setting: Setting, loss: str) -> Setting:
    """Return the setting in terms of a loss that can express it; plain softmax unchanged."""
    return setting if setting.loss == "softmax" else replace(setting, loss=loss)


def simplest(setting: Setting) -> Setting:
    """Return the setting in terms of the simplest loss that can express it: what people call it.

    With m2 alone a combined loss is ArcFace, with m3 alone CosFace, with m1 alone SphereFace, and
    without margins normalized softmax.
    """
    if setting.loss == "softmax":
        return setting
    names = (name for name, info in repository_losses().items() if info.margins)
    return expressed(setting, next(name for name in names if is_expressible(setting, name)))
