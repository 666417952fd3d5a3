"""Hangul syllables in the fonts at home there: a thousand classes and more of one kind."""

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.glyphs.drawing import draw, fit
from sweeper.data.builtin.glyphs.fonts import find_faces, system_folders
from sweeper.data.shared_images import first_occurrences, groups
from sweeper.data.stable_random import permutation


def syllables(classes: int, side: int) -> dict[str, NDArray[np.generic]]:
    """Return some of the 2,350 syllables of KS X 1001, drawn as the data set `glyphs` is.

    Args:
        classes: how many, drawn at random.
        side: of an image in pixels.

    Returns:
        ``images`` uint8 ``[N, side, side]``; ``labels`` ``[N]``, the syllables; ``groups`` ``[N]``,
        the families of fonts.
    """
    every = [bytes((row, cell)).decode("euc_kr") for row in range(0xB0, 0xC9)
             for cell in range(0xA1, 0xFF)]  # fmt: skip
    chosen = "".join(sorted(every[i] for i in permutation(len(every), "syllables")[:classes]))
    faces, _ = find_faces(system_folders(), chosen, "hangul")
    pictures = {face: draw(face, side) for face in faces}
    pictures = {face: own for face, own in pictures.items() if 2 * len(own) >= len(chosen)}
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
