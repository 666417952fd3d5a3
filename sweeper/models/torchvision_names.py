"""The names of torchvision's classification nets."""

from collections.abc import Iterable

from sweeper.errors import UsageError, unknown


def names() -> list[str]:
    """Return the names of torchvision's classification nets, in alphabetical order."""
    from torchvision import models  # slow, and only needed for torchvision's nets

    return sorted(models.list_models(module=models))


def require_known(name: str, own_nets: Iterable[str] = ()) -> None:
    """Raise UsageError unless a net is torchvision's or one of `own_nets`.

    Raises:
        UsageError: with the closest known name.
    """
    torchvision_nets, own_nets = names(), list(own_nets)
    if name in torchvision_nets or name in own_nets:
        return
    message = str(unknown("net", name, {*own_nets, *torchvision_nets}))
    if "did you mean" in message:
        raise UsageError(message)
    listed = ", ".join(sorted(own_nets)) or f"{torchvision_nets[0]} to {torchvision_nets[-1]}"
    raise UsageError(
        f"unknown net {name!r}; known: {listed}, torchvision's nets such as resnet50, or "
        "package.module:function for your own"
    )
