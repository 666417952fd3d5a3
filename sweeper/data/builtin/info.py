"""What is known of a built-in data set before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass

from sweeper.data.raw_dataset import RawDataset


@dataclass(frozen=True)
class BuiltIn:
    """A data set with a name.

    Attributes:
        name: what a spec calls it.
        about: what it shows, in a phrase.
        images: how many there are, or embeddings, or 0 where that depends on the machine.
        classes: how many there are, without a key that changes it.
        size: ``H×W``, with ``×3`` for color, ``d numbers`` of an embedding, or ``various`` for
            what is resized.
        origin: who made it and when, and its license where one is stated.
        load: finds it; raises a SweeperError if it is not here and cannot be downloaded.
        is_here: whether loading needs no network, found without loading anything.
        keys: the keys of the grammar that ``load`` takes, each as an argument that may be None.
    """

    name: str
    about: str
    images: int
    classes: int
    size: str
    origin: str
    load: Callable[..., RawDataset]
    is_here: Callable[[], bool]
    keys: tuple[str, ...] = ()
