"""Which settings a loss with margins can express: all margin losses are one function."""

from dataclasses import replace

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting

#: The margins that change nothing.
NEUTRAL = {name: getattr(Setting("normalized-softmax"), name) for name in ("m1", "m2", "m3")}


def is_expressible(setting: Setting, loss: str) -> bool:
    """Whether a loss with margins has the setting among its own: plain softmax always stands."""
    foreign = NEUTRAL.keys() - LOSSES[loss].margins.keys()
    return setting.loss == "softmax" or all(
        getattr(setting, name) == NEUTRAL[name] for name in foreign
    )


def expressed(setting: Setting, loss: str) -> Setting:
    """Return the setting as one of the loss, which can express it; plain softmax as it is."""
    return setting if setting.loss == "softmax" else replace(setting, loss=loss)
