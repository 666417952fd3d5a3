"""The name of a net, with options in brackets: ``resnet50[weights=DEFAULT, body=frozen]``.

===========  ==========================================================================
``weights``  what training starts from: a name of torchvision's, or the path of a state dict
``size``     side in pixels that images are resized to
``body``     ``tuned``, the default, trains the whole net; ``frozen`` only what stands on it
``head``     what stands on a frozen body: ``head`` (the loss alone), ``linear`` or ``mlp``
===========  ==========================================================================
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sweeper.errors import UsageError
from sweeper.registry.nets import nets_for

_LARGEST_SIDE = 1024
_FILES = (".pt", ".pth")


@dataclass(frozen=True)
class NetName:
    """A net's name taken apart; the defaults ask for nothing.

    Attributes:
        base: the name before the brackets.
        weights: a name among torchvision's weights of the net, or a path, see `weights_file`.
        size: the side in pixels that images are resized to, or None for the weights' own, and
            without weights for no resizing.
        body: "tuned" or "frozen".
        head: the net on a frozen body.
    """

    base: str
    weights: str | None = None
    size: int | None = None
    body: str = "tuned"
    head: str = "head"

    @property
    def frozen(self) -> bool:
        """Whether the body stays as its weights have it."""
        return self.body == "frozen"

    @property
    def has_options(self) -> bool:
        """Whether anything is asked for beside the net itself."""
        return self != NetName(self.base)

    @property
    def weights_file(self) -> str | None:
        """The absolute path of the weights, or None where they have a name or there are none."""
        given = self.weights
        if given is None or not (set("/\\") & set(given) or given.endswith(_FILES)):
            return None
        return os.path.abspath(os.path.expanduser(given))

    @property
    def network(self) -> "NetName":
        """The net without what is frozen: all that its features depend on."""
        return replace(self, body="tuned", head="head")

    def __str__(self) -> str:
        items = [
            f"{key}={getattr(self, key)}"
            for key in _KEYS
            if getattr(self, key) != getattr(NetName(self.base), key)
        ]
        return f"{self.base}[{', '.join(items)}]" if items else self.base


def parse(text: str) -> NetName:
    """Take a net's name apart.

    The first opening bracket counts, and a comma only where a key follows, so a path may hold both.

    Raises:
        UsageError: an unbalanced bracket, an unknown or repeated key, a value that is not allowed,
            or options that do not go together.
    """
    text = text.strip()
    base, bracket, inside = text.partition("[")
    base = base.strip()
    if bool(bracket) != text.endswith("]"):
        raise UsageError(f"unbalanced bracket in net {text!r}; write name[key=value, ...]")
    values: dict[str, object] = {}
    for item in filter(None, map(str.strip, re.split(r",(?=\s*\w+\s*=)|,\s*$", inside[:-1]))):
        key, equals, value = (part.strip() for part in item.partition("="))
        if key not in _KEYS:
            raise UsageError(f"unknown key {key!r} in net {text!r}; allowed: {', '.join(_KEYS)}")
        if key in values:
            raise UsageError(f"{key} is given twice in net {text!r}")
        read, allowed = _KEYS[key]
        try:
            if not equals or not value:
                raise ValueError
            values[key] = read(value)
        except ValueError:
            raise UsageError(f"{key}={value} in net {text!r}: {key} must be {allowed}") from None
    name = NetName(base, **values)  # type: ignore[arg-type]
    if not name.frozen and "head" in values:
        raise UsageError(f"net {text!r}: head stands on a frozen body alone; add body=frozen")
    if name.frozen and name.weights is None:
        raise UsageError(
            f"net {text!r}: a frozen body without weights gives random features; "
            "add weights=DEFAULT, or weights= and a file"
        )
    return name


def short_name(text: str) -> str:
    """Return a net's name without the folders above a file, which are nobody else's business."""
    name = parse(text)
    file = name.weights_file
    return str(replace(name, weights=os.path.basename(file))) if file else text


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError
        return text

    return read


def _side(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= _LARGEST_SIDE:
        raise ValueError
    return int(text)


_HEADS = nets_for("embeddings")

#: key: (reader that raises ValueError, what is allowed), in canonical order.
_KEYS: dict[str, tuple[Callable[[str], object], str]] = {
    "weights": (str, "a name of torchvision's weights, or the path of a file"),
    "size": (_side, f"pixels a side, from 1 to {_LARGEST_SIDE}"),
    "body": (_one_of("tuned", "frozen"), "tuned or frozen"),
    "head": (_one_of(*_HEADS), f"one of {', '.join(_HEADS)}"),
}
