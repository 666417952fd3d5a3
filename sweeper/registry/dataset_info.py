"""What is known of a data set with a name before it is loaded."""

import importlib.util
from dataclasses import dataclass, field
from typing import Any

from sweeper.registry.lookup import resolve


@dataclass(frozen=True)
class DatasetInfo:
    """A data set with a name.

    Attributes:
        name: what a spec calls it.
        about: what it shows, in a phrase.
        images: how many there are, or embeddings, or 0 where that depends on the machine.
        classes: how many there are, without a key that changes it.
        size: ``H×W``, with ``×3`` for color, ``d numbers`` of an embedding, or ``various`` for
            what is resized.
        origin: who made it and when, and its license where one is stated.
        loader: the function that finds it, as ``package.module:name``; it returns a
            `sweeper.data.raw_dataset.RawDataset`, and raises a SweeperError if the data set is not
            here and cannot be downloaded.
        here: the function that tells whether loading needs no network, likewise; it loads nothing.
        package: a package that holds the data set, where one does.
        keys: the keys of the grammar that the loader takes, each as an argument that may be None.
    """

    name: str
    about: str
    images: int
    classes: int
    size: str
    origin: str
    loader: str = field(default="", kw_only=True)
    here: str = field(default="", kw_only=True)
    package: str = field(default="", kw_only=True)
    keys: tuple[str, ...] = field(default=(), kw_only=True)

    def load(self, **keys: Any) -> Any:
        """Return what the loader returns for these keys."""
        return resolve(self.loader)(**keys)

    def is_here(self) -> bool:
        """Return whether loading needs no network, found without loading anything."""
        if self.package:
            return importlib.util.find_spec(self.package) is not None
        return not self.here or bool(resolve(self.here)())
