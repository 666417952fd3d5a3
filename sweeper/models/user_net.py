"""User-defined nets, named ``package.module:function``."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

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
    sys.path[:] = [each for each in sys.path if each not in ("", folder)] + [folder]
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
        allowed: modules, or packages with all their modules; ``module:function`` is its module.

    Raises:
        UsageError: it is not allowed.
    """
    module, own, _ = name.partition(":")
    if not own:
        return
    parts = module.split(".")
    within = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    if within & {each.partition(":")[0] for each in allowed} or _is_installed(module):
        return
    raise UsageError(
        f"the study's net is {name!r}, and to import {module!r} is to run it here: add "
        f"--allow-net {module} if you trust who wrote it and who can write to the database"
    )


def _is_installed(module: str) -> bool:
    """Return whether importing a module runs files of installed packages alone.

    A folder here may be called like a package, or be part of one that has no ``__init__.py``.
    """
    top = module.partition(".")[0]
    owners = packages_distributions().get(top, ())
    roots = [Path(str(distribution(owner).locate_file(""))).resolve() for owner in owners]
    # The package first: to look for its parts is to import it.
    return bool(roots) and all(_is_of(name, roots) for name in (top, module))


def _is_of(module: str, roots: Sequence[Path]) -> bool:
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return False
    if found is None:
        return False
    files = [*(found.submodule_search_locations or ())]
    files += [found.origin] if found.has_location and found.origin else []
    return bool(files) and all(
        any(Path(file).resolve().is_relative_to(root) for root in roots) for file in files
    )
