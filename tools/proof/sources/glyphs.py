"""Characters of scripts that the atlas has not, in fonts that it does not use.

Fonts are no groups: where no font may stand on two sides of a split, a held-out class would be left
with the images of one or two fonts to retrieve.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.glyphs.drawing import draw, fit
from sweeper.data.builtin.glyphs.fonts import Face, find_faces
from sweeper.data.stable_random import permutation
from tools.atlas.sources.characters import drawn
from tools.proof.sources import packages

#: The independent vowels and the consonants of Tamil.
TAMIL = "அஆஇஈஉஊஎஏஐஒஓஔகஙசஞடணதநபமயரலவழளறன"
_TAMIL_FONTS = (
    *("fonts-lohit-taml", "fonts-lohit-taml-classical", "fonts-meera-taml", "fonts-noto-core"),
    *("fonts-samyak-taml", "fonts-taml-tamu", "fonts-taml-tscu"),
)

#: Rows of GB 2312 with its more common characters.
_COMMON = range(0xB0, 0xD8)
_HAN_FONTS = (
    *("fonts-arphic-bkai00mp", "fonts-arphic-bsmi00lp", "fonts-arphic-gbsn00lp"),
    *("fonts-arphic-gkai00mp", "fonts-arphic-ukai", "fonts-arphic-uming", "fonts-cwtex-heib"),
    *("fonts-cwtex-kai", "fonts-cwtex-ming", "fonts-cwtex-yen", "fonts-droid-fallback"),
    *("fonts-wqy-microhei", "fonts-wqy-zenhei"),
)

#: Scripts with hundreds of characters: the name of the font, the first and the last code point.
SCRIPTS = {
    "Anatolian hieroglyphs": ("NotoSansAnatolianHieroglyphs", 0x14400, 0x14646),
    "Bamum": ("NotoSansBamum", 0x16800, 0x16A38),
    "Canadian Aboriginal": ("NotoSansCanadianAboriginal", 0x1401, 0x167F),
    "cuneiform": ("NotoSansCuneiform", 0x12000, 0x12399),
    "Egyptian hieroglyphs": ("NotoSansEgyptianHieroglyphs", 0x13000, 0x1342E),
    "Linear A": ("NotoSansLinearA", 0x10600, 0x10767),
    "Nushu": ("NotoSansNushu", 0x1B170, 0x1B2FB),
    "Tangut": ("NotoSerifTangut", 0x17000, 0x187F7),
    "Vai": ("NotoSansVai", 0xA500, 0xA62B),
    "Yi": ("NotoSansYi", 0xA000, 0xA48C),
}


def tamil(side: int) -> dict[str, NDArray[np.generic]]:
    """Return the letters of Tamil: ``images`` uint8 ``[N, side, side]``, ``labels`` ``[N]``.

    Raises:
        SweeperError: the packages cannot be fetched.
    """
    return _characters(TAMIL, _TAMIL_FONTS, side)


def han(classes: int, side: int) -> dict[str, NDArray[np.generic]]:
    """Return characters that Chinese writes the same in both ways, drawn at random; as `tamil`.

    Raises:
        SweeperError: the packages cannot be fetched.
    """
    rows = (bytes((row, cell)) for row in _COMMON for cell in range(0xA1, 0xFF))
    shared = [c for c in (pair.decode("gb2312", "ignore") for pair in rows) if c and _in_big5(c)]
    chosen = permutation(len(shared), "han")[:classes]
    return _characters("".join(sorted(shared[i] for i in chosen)), _HAN_FONTS, side)


def scripts(per_class: int, side: int) -> dict[str, NDArray[np.generic]]:
    """Return characters by their script, at most so many of each, drawn at random; as `tamil`.

    Raises:
        SweeperError: the package cannot be fetched.
    """
    noto = packages.debian("fonts-noto-core")
    images: list[NDArray[np.uint8]] = []
    labels: list[str] = []
    for number, (script, (font, first, last)) in enumerate(SCRIPTS.items()):
        face = _regular(noto, font, "".join(map(chr, range(first, last + 1))))
        own = draw(face, side)
        names = sorted(own)
        chosen = [names[i] for i in permutation(len(names), "scripts", number)[:per_class]]
        fitted = fit({name: own[name] for name in sorted(chosen)}, side)
        images += fitted.values()
        labels += [script] * len(fitted)
    return {"images": np.stack(images), "labels": np.array(labels)}


def _characters(
    characters: str, names: tuple[str, ...], side: int
) -> dict[str, NDArray[np.generic]]:
    faces, _ = find_faces([packages.debian(name) for name in names], characters)
    # The others of a collection differ in a few characters only.
    arrays = drawn(characters, [face for face in faces if face.index == 0], side)
    return {name: arrays[name] for name in ("images", "labels")}


def _regular(folder: Path, font: str, characters: str) -> Face:
    (path,) = folder.rglob(f"{font}-Regular.ttf")
    return Face(path, 0, font, font, frozenset(characters), "")


def _in_big5(character: str) -> bool:
    try:
        return len(character.encode("big5")) == 2
    except UnicodeEncodeError:
        return False
