"""The nets that have a name: one record each. To add a net is a file and a record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sweeper.registry.objectives import OBJECTIVES

#: What a net takes.
Inputs = Literal["images", "embeddings"]


@dataclass(frozen=True)
class NetInfo:
    """What is known of a net without importing it.

    Attributes:
        name: what a study file calls it.
        builder: the function that returns the module from the shape of the inputs and the size of
            the embedding, as ``package.module:name``.
        about: what it is for, in a phrase.
        takes: images ``(C, H, W)`` or ready embeddings ``(d,)``.
        smallest: the smallest image side that it works on.
        options: whether torchvision's options may stand behind its name.
    """

    name: str
    builder: str
    about: str
    takes: Inputs = "images"
    smallest: int = 1
    options: bool = False


_RECORDS = (
    NetInfo("compact", "sweeper.models.compact:compact", "small images", smallest=4),
    NetInfo("four-layer", "sweeper.models.four_layer:four_layer", "small images", smallest=6),
    NetInfo("lenet", "sweeper.models.lenet:lenet", "small images", smallest=12),
    NetInfo("lenet-wide", "sweeper.models.lenet_wide:lenet_wide", "small images", smallest=12),
    NetInfo("resnet18", "sweeper.models.resnet:resnet18", "larger images", options=True),
    NetInfo("head", "sweeper.models.heads:head", "precomputed embeddings", takes="embeddings"),
    NetInfo("linear", "sweeper.models.heads:linear", "precomputed embeddings", takes="embeddings"),
    NetInfo("mlp", "sweeper.models.heads:mlp", "precomputed embeddings", takes="embeddings"),
)

#: Every net by its name, in the order of tables.
NETS: dict[str, NetInfo] = {record.name: record for record in _RECORDS}

#: Where the user names none: the margin head alone for embeddings.
DEFAULT_NETS: dict[Inputs, str] = {"images": "compact", "embeddings": "head"}
#: Where embeddings must move, since they are what is measured.
_MOVING = "linear"


def default_net(inputs: Inputs, objectives: Iterable[str]) -> str:
    """Return the net where the user names none: one that moves what the objectives measure."""
    measured = any(OBJECTIVES[name].of_embeddings for name in objectives if name in OBJECTIVES)
    return _MOVING if measured and inputs == "embeddings" else DEFAULT_NETS[inputs]


def nets_for(inputs: Inputs) -> list[str]:
    """Return the names of the nets that take these inputs."""
    return [name for name, info in NETS.items() if info.takes == inputs]
