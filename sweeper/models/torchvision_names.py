"""The names of torchvision's classification nets."""

from collections.abc import Iterable

from sweeper.errors import UsageError, unknown


def names() -> list[str]:
    """Return the names of torchvision's classification nets, in alphabetical order."""
    from torchvision import models  # here, since it takes a second and most nets are our own

    return sorted(models.list_models(module=models))


def require_known(name: str, beside: Iterable[str] = ()) -> None:
    """Refuse a name that is neither torchvision's nor among those beside.

    Raises:
        UsageError: naming the nearest.
    """
    known, beside = names(), list(beside)
    if name in known or name in beside:
        return
    near = str(unknown("net", name, {*beside, *known}))
    if "did you mean" in near:
        raise UsageError(near)
    listed = ", ".join(sorted(beside)) or f"{known[0]} to {known[-1]}"
    raise UsageError(
        f"unknown net {name!r}; known: {listed}, and torchvision's, resnet50 for example, or "
        "package.module:function of your own"
    )
