"""User-defined nets, named ``package.module:function``."""

import importlib
import os
import sys
from collections.abc import Callable

from torch import nn

from sweeper.errors import UsageError

Builder = Callable[[tuple[int, ...], int], nn.Module]


def load_builder(name: str) -> Builder:
    """Import the function that builds a net, ``function(input_shape, embedding) -> nn.Module``.

    The module is searched for in the current folder first, then on Python's path.

    Raises:
        UsageError: the module or the function does not exist, or importing the module fails.
    """
    module_name, _, function_name = name.partition(":")
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's module may raise anything on import
        raise UsageError(
            f"net {name!r}: cannot import {module_name!r}: {type(error).__name__}: {error}"
        ) from error
    builder = getattr(module, function_name, None)
    if not callable(builder):
        raise UsageError(f"net {name!r}: {module_name!r} has no function {function_name!r}")
    return builder  # type: ignore[no-any-return]
