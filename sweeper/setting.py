"""Where `load.py` of winners that were exported before looks for `Setting`."""

from sweeper.registry.setting import Setting

__all__ = ["Setting"]
