"""Hangul syllables in the fonts at home there: a thousand classes and more of one kind."""

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.glyphs.fonts import find_faces, system_folders
from sweeper.data.stable_random import permutation
from tools.atlas.sources.characters import drawn


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
    return drawn(chosen, faces, side)
