"""What is made for the atlas, by name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper import data
from sweeper.data import TRAIN, Dataset
from sweeper.data.stable_random import permutation
from tools.atlas.sources.paths import file_of
from tools.atlas.sources.save import save, save_features

#: The side of drawn images, as of sweeper's own icons.
_SIDE = 32


def _seen(name: str, dataset: str, per_class: int | None = None) -> Callable[[], Path]:
    """Return what makes the features of a data set's images, of its training part alone."""

    def make() -> Path:
        from tools.atlas.sources import vision  # each maker needs packages of its own

        chosen = _some(data.load(dataset), per_class)
        return save_features(name, vision.features(chosen.inputs), chosen)

    return make


def _some(dataset: Dataset, per_class: int | None) -> Dataset:
    """Leave out given test parts, and what is more than so many images of a class."""
    kept = np.arange(len(dataset))
    if dataset.parts is not None:
        kept = np.flatnonzero(dataset.parts.numpy() == TRAIN)
    if per_class is not None:
        labels = dataset.labels.numpy()[kept]
        kept = np.sort(
            np.concatenate(
                [
                    kept[labels == c][permutation(int((labels == c).sum()), "atlas", c)[:per_class]]
                    for c in range(dataset.num_classes)
                ]
            )
        )
    places = torch.from_numpy(kept)
    return replace(
        dataset,
        inputs=dataset.inputs[places],
        labels=dataset.labels[places],
        groups=None if dataset.groups is None else dataset.groups[places],
        parts=None,
    )


def _made(name: str) -> Dataset:
    """Load what another maker wrote."""
    return data.load(str(MAKERS[name]() if not file_of(name).is_file() else file_of(name)))


def _seen_made(name: str, images: str, per_class: int | None = None) -> Callable[[], Path]:
    """Return what makes the features of images that another maker drew."""

    def make() -> Path:
        from tools.atlas.sources import vision

        chosen = _some(_made(images), per_class)
        return save_features(name, vision.features(chosen.inputs), chosen)

    return make


def _icon_packs() -> Path:
    from tools.atlas.sources.icon_packs import icons

    drawn = icons(_SIDE, packs=3)
    return save("icon-packs", {"images": drawn["images"], "labels": drawn["names"]})


def _icon_styles() -> Path:
    """The same icons, by the pack whose style they have."""
    from tools.atlas.sources.icon_packs import icons

    packs = icons(_SIDE, packs=3)["packs"]
    arrays = {"embeddings": _made("icon-packs-lite0").inputs.numpy(), "labels": packs}
    return save("icon-styles-lite0", arrays)


def _syllables() -> Path:
    from tools.atlas.sources.syllables import syllables

    return save("syllables", syllables(1200, _SIDE))


def _nouns() -> Path:
    from tools.atlas.sources.nouns import nouns

    return _read("nouns-minilm", *nouns(fewest=10, most=20))


def _fields() -> Path:
    from tools.atlas.sources.nouns import fields

    return _read("noun-fields-minilm", *fields(fewest=700, most=700))


def _read(name: str, words: list[str], classes: list[str]) -> Path:
    from tools.atlas.sources import texts

    return save(name, {"embeddings": texts.features(words), "labels": np.array(classes)})


def _speakers() -> Path:
    from tools.atlas.sources.speakers import speakers

    spoken = speakers(words=3)
    return _heard("speakers-resemblyzer", spoken.sounds, spoken.speakers, spoken.rate)


def _accents() -> Path:
    from tools.atlas.sources.speakers import speakers

    spoken = speakers(words=3)
    return _heard("accents-resemblyzer", spoken.sounds, spoken.accents, spoken.rate)


def _heard(name: str, sounds: list[NDArray[np.int16]], labels: list[str], rate: int) -> Path:
    from tools.atlas.sources import voices

    return save(name, {"embeddings": voices.features(sounds, rate), "labels": np.array(labels)})


#: Scripts other than Latin and Hangul, of which there are more sorts of data.
_SCRIPTS = (
    *("thai", "telugu", "hiragana", "hebrew", "arabic", "devanagari", "bengali", "gujarati"),
    *("malayalam", "khmer", "georgian", "ethiopic"),
)

#: Images, then features of images, of texts and of voices.
MAKERS: dict[str, Callable[[], Path]] = {
    "icon-packs": _icon_packs,
    "syllables": _syllables,
    "digits-lite0": _seen("digits-lite0", "digits"),
    "mnist-5k-lite0": _seen("mnist-5k-lite0", "mnist-5k"),
    "fashion-mnist-lite0": _seen("fashion-mnist-lite0", "fashion-mnist", 500),
    "fuzzy-rgb-lite0": _seen("fuzzy-rgb-lite0", "fuzzy-rgb[noise=0.2]", 500),
    "mnist-pairs-lite0": _seen("mnist-pairs-lite0", "mnist-pairs", 50),
    "latin-lite0": _seen("latin-lite0", "glyphs"),
    **{
        f"{script}-lite0": _seen(f"{script}-lite0", f"glyphs[script={script}]")
        for script in _SCRIPTS
    },
    "icons-lite0": _seen("icons-lite0", "icons"),
    "spoken-words-lite0": _seen("spoken-words-lite0", "spoken-words", 80),
    "icon-packs-lite0": _seen_made("icon-packs-lite0", "icon-packs"),
    "syllables-lite0": _seen_made("syllables-lite0", "syllables", 12),
    "icon-styles-lite0": _icon_styles,
    "nouns-minilm": _nouns,
    "noun-fields-minilm": _fields,
    "speakers-resemblyzer": _speakers,
    "accents-resemblyzer": _accents,
}
