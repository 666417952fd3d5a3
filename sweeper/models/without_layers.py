"""Nets that leave embeddings as they are, and what no setting can change of them."""

from collections.abc import Iterable

from sweeper.errors import UsageError
from sweeper.models.net_name import parse
from sweeper.registry.objectives import OBJECTIVES

#: The net that is the classifier alone.
_ALONE = "head"


def has_no_layers(net: str) -> bool:
    """Return whether a net has nothing to train but the classifier, by its name."""
    try:
        name = parse(net)
    except UsageError:  # one that somebody else named
        return False
    return (name.head if name.frozen else name.base) == _ALONE


def require_effect(net: str, objectives: Iterable[str]) -> None:
    """Refuse to choose by what is the same for every setting, of a net without layers.

    Args:
        net: its name.
        objectives: what is chosen by.

    Raises:
        UsageError: one of them is of the embeddings alone.
    """
    of_embedding = [name for name in objectives if OBJECTIVES[name].of_embeddings]
    if not of_embedding:
        return
    other = "head=linear or head=mlp" if parse(net).frozen else "the net linear or mlp"
    raise UsageError(
        f"net {net!r} leaves the embeddings as they are, so {of_embedding[0]} is the same "
        f"for every setting; use {other}, or the objective accuracy"
    )
