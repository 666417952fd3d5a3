"""User-defined nets, named ``package.module:function``."""

import importlib
import os
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import packages_distributions

from torch import nn

from sweeper.errors import UsageError

Builder = Callable[[tuple[int, ...], int], nn.Module]


def load_builder(name: str) -> Builder:
    """Import the function that builds a net, ``function(input_shape, embedding) -> nn.Module``.

    The module is searched for on Python's path, then in the current folder: no file there stands in
    for a package.

    Raises:
        UsageError: the module or the function does not exist, or importing the module fails.
    """
    module_name, _, function_name = name.partition(":")
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.append(folder)
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


def require_allowed(name: str, allowed: Iterable[str]) -> None:
    """Refuse a net of somebody's own unless its module is of an installed package, or allowed.

    To import a module is to run it, and the name is from a database, where others may have written.

    Args:
        name: of a net, also one of ours or torchvision's, which are all allowed.
        allowed: modules, or packages with all their modules.

    Raises:
        UsageError: it is not allowed.
    """
    module, own, _ = name.partition(":")
    if not own:
        return
    parts = module.split(".")
    within = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    if within & set(allowed) or parts[0] in packages_distributions():
        return
    raise UsageError(
        f"the study's net is {name!r}, and to import {module!r} is to run it here: add "
        f"--allow-net {module} if you trust who wrote it and who can write to the database"
    )
