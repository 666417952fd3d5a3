"""A setting of the API in words."""

from collections.abc import Mapping
from typing import Any

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting


def described(setting: Mapping[str, Any]) -> str:
    """Return a setting without terms as `Setting.describe` does, from its plain values."""
    loss = str(setting["loss"])
    return Setting.of(loss, {name: setting[name] for name in LOSSES[loss].margins}).describe()
