"""Characters drawn in fonts, as the data set `glyphs` is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.glyphs.drawing import draw, fit
from sweeper.data.builtin.glyphs.fonts import Face
from sweeper.data.builtin.shared_images import first_occurrences, groups


def drawn(characters: str, faces: Sequence[Face], side: int) -> dict[str, NDArray[np.generic]]:
    """Return characters in every font that draws at least half of them; no picture comes twice.

    Args:
        characters: what the fonts were asked for.
        faces: the fonts.
        side: of an image in pixels.

    Returns:
        ``images`` uint8 ``[N, side, side]``; ``labels`` ``[N]``, the characters; ``groups``
        ``[N]``, the families of fonts.
    """
    pictures = {face: draw(face, side) for face in faces}
    pictures = {face: own for face, own in pictures.items() if 2 * len(own) >= len(characters)}
    keys = {face: {c: each.key for c, each in own.items()} for face, own in pictures.items()}
    group_of = groups(keys, {face: face.family for face in keys})
    images, labels, families = [], [], []
    for face, kept in first_occurrences(keys).items():
        fitted = fit(pictures[face], side)
        for character in sorted(kept):
            images.append(fitted[character])
            labels.append(character)
            families.append(group_of[face])
    return {"images": np.stack(images), "labels": np.array(labels), "groups": np.array(families)}
