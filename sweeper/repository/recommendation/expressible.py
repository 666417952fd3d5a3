"""Conversion of settings between margin losses, which are all special cases of one function."""

from dataclasses import replace

from sweeper.registry.losses import LOSSES
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
