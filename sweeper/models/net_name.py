"""Names of nets, with options in brackets: ``resnet50[weights=DEFAULT, body=frozen]``.

===========  ========================================================================== ``weights``
pretrained weights: a name known to torchvision, or the path of a state dict ``size``     side in
pixels that images are resized to ``body``     ``tuned``, the default, trains the whole net;
``frozen`` only the head ``head``     the head on a frozen body: ``head`` (the loss alone),
``linear`` or ``mlp`` ===========
==========================================================================
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sweeper.errors import UsageError
from sweeper.registry.nets import nets_for

#: A net on a frozen body, and one that is tuned from pretrained weights, as examples.
ON_FROZEN = "resnet18[weights=DEFAULT, body=frozen, head=linear]"
TUNED = "resnet18[weights=DEFAULT]"

_MAX_SIDE = 1024
_FILE_SUFFIXES = (".pt", ".pth")


@dataclass(frozen=True)
class NetName:
    """The parts of a net's name; the defaults are those of a name without options.

    Attributes:
        base: the name before the brackets.
        weights: the name of torchvision weights for the net, or a path, see `weights_file`.
        size: the side in pixels that images are resized to. None for the size of the weights, or
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
        """Whether the body is kept as pretrained."""
        return self.body == "frozen"

    @property
    def has_options(self) -> bool:
        """Whether any option is set."""
        return self != NetName(self.base)

    @property
    def weights_file(self) -> str | None:
        """The absolute path of the weights, or None if they are named or there are none."""
        weights = self.weights
        if weights is None or not (set("/\\") & set(weights) or weights.endswith(_FILE_SUFFIXES)):
            return None
        return os.path.abspath(os.path.expanduser(weights))

    @property
    def network(self) -> "NetName":
        """The net without freezing and head: everything its features depend on."""
        return replace(self, body="tuned", head="head")

    def __str__(self) -> str:
        items = [
            f"{key}={getattr(self, key)}"
            for key in _KEYS
            if getattr(self, key) != getattr(NetName(self.base), key)
        ]
        return f"{self.base}[{', '.join(items)}]" if items else self.base


def parse(text: str) -> NetName:
    """Parse a net's name.

    Only the first opening bracket counts, and commas only before a key, so a path may contain both.

    Raises:
        UsageError: a bracket is unbalanced, a key is unknown or repeated, a value is not allowed,
            or options contradict each other.
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
        raise UsageError(f"net {text!r}: a head needs a frozen body; add body=frozen")
    if name.frozen and name.weights is None:
        raise UsageError(
            f"net {text!r}: a frozen body without weights gives random features; "
            "add weights=DEFAULT, or weights= and a file"
        )
    return name


def short_name(text: str) -> str:
    """Return a net's name with a file's folders removed, which may be private."""
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
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= _MAX_SIDE:
        raise ValueError
    return int(text)


_HEADS = nets_for("embeddings")

#: key: (parser that raises ValueError, allowed values), in canonical order.
_KEYS: dict[str, tuple[Callable[[str], object], str]] = {
    "weights": (str, "the name of torchvision weights, or the path of a file"),
    "size": (_side, f"pixels per side, from 1 to {_MAX_SIDE}"),
    "body": (_one_of("tuned", "frozen"), "tuned or frozen"),
    "head": (_one_of(*_HEADS), f"one of {', '.join(_HEADS)}"),
}
