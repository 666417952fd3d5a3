"""What is made for the outside proof, by name."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.data.arrays import to_images
from sweeper.errors import SweeperError
from tools.atlas.sources.save import write
from tools.proof.sources import glyphs, measures, pictures, writing
from tools.proof.sources.paths import file_of

#: The side of drawn images; emoji, which a pretrained body sees, are as large as they come.
_SIDE, _EMOJI_SIDE = 32, 64

_Arrays = dict[str, NDArray[np.generic]]


def _read(texts: list[str], classes: list[str]) -> _Arrays:
    from tools.atlas.sources.texts import features  # bodies need packages of their own

    return {"embeddings": features(texts), "labels": np.array(classes)}


def _seen(drawn: _Arrays) -> _Arrays:
    from tools.atlas.sources.vision import features

    images = to_images(np.asarray(drawn["images"], np.uint8))
    return {"embeddings": features(images), "labels": drawn["labels"]}


#: Cheap to train on first.
MAKERS: dict[str, Callable[[], _Arrays]] = {
    "segments": measures.segments,
    "vowels": measures.vowels,
    "words-minilm": lambda: _read(*writing.words(per_class=800)),
    "cookies-minilm": lambda: _read(*writing.cookies(fewest=100, most=150)),
    "emoji-lite0": lambda: _seen(pictures.emoji(_EMOJI_SIDE)),
    "tamil": lambda: glyphs.tamil(_SIDE),
    "scripts": lambda: glyphs.scripts(300, _SIDE),
    "flags": lambda: pictures.flags(_SIDE),
    "han": lambda: glyphs.han(800, _SIDE),
}


def make(name: str) -> Path:
    """Make a data set's file; return its path.

    Raises:
        SweeperError: a package cannot be fetched, or the dependency group atlas is not installed.
    """
    try:
        arrays = MAKERS[name]()
    except ModuleNotFoundError as error:
        raise SweeperError(f"{error.name} is missing; install the dependency group atlas") from None
    return write(file_of(name), arrays)
