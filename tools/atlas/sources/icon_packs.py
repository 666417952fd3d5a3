"""Interface icons by name, as drawn in packs that npm carries."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.icons.picture import read_all
from sweeper.errors import SweeperError

#: Where ``npm install --prefix tools/atlas/sources`` puts the packs of package.json.
_MODULES = Path(__file__).parent / "node_modules"


@dataclass(frozen=True)
class Pack:
    """A pack: its folders of SVG, and what a name ends with beside the name."""

    folders: tuple[str, ...]
    styles: str = ""


PACKS = {
    "@mdi/svg": Pack(("svg",), "outline"),
    "@phosphor-icons/core": Pack(("assets/regular", "assets/fill", "assets/bold"), "fill|bold"),
    "@primer/octicons": Pack(("build/svg",), "24|16|fill"),
    "@tabler/icons": Pack(("icons/outline", "icons/filled")),
    "bootstrap-icons": Pack(("icons",), "fill"),
    "boxicons": Pack(("svg/regular", "svg/solid")),
    "feather-icons": Pack(("dist/icons",)),
    "heroicons": Pack(("24/outline", "24/solid")),
    "iconoir": Pack(("icons/regular", "icons/solid")),
    "ionicons": Pack(("dist/svg",), "outline|sharp"),
    "lucide-static": Pack(("icons",)),
    "remixicon": Pack(("icons/**",), "line|fill"),
}


def icons(side: int, packs: int) -> dict[str, NDArray[np.generic]]:
    """Return the icons whose name stands in so many packs or more.

    Packs are no groups: where no pack may stand on two sides of a split, a held-out class would be
    left with the icons of one or two packs to retrieve.

    Args:
        side: of an image in pixels.
        packs: how many a name must stand in.

    Returns:
        ``images`` uint8 ``[N, side, side, 3]``, on white; ``names`` and ``packs`` ``[N]``.

    Raises:
        SweeperError: the packs are not there.
    """
    files: dict[str, dict[str, list[Path]]] = defaultdict(dict)
    for name, pack in PACKS.items():
        for icon, paths in _files(name, pack).items():
            files[icon][name] = paths
    known = {icon: by_pack for icon, by_pack in files.items() if len(by_pack) >= packs}
    every = [path for by_pack in known.values() for paths in by_pack.values() for path in paths]
    pictures, _ = read_all(every, side)
    images, labels, seen = [], [], set()
    for icon, name in sorted((icon, name) for icon, own in known.items() for name in own):
        for path in known[icon][name]:
            picture = pictures.get(path)
            if picture is not None and picture.key not in seen:  # packs take icons from others
                seen.add(picture.key)
                images.append(picture.image)
                labels.append((icon, name))
    names, of = zip(*labels, strict=True)
    return {"images": np.stack(images), "names": np.array(names), "packs": np.array(of)}


def _files(name: str, pack: Pack) -> dict[str, list[Path]]:
    """Return the files of a pack by the icon's name without its style."""
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in pack.folders:
        paths = sorted((_MODULES / name).glob(f"{folder}/*.svg"))
        if not paths:
            raise SweeperError(
                f"the icons of {name} are not there; run `npm install --prefix tools/atlas/sources`"
            )
        for path in paths:
            stem = re.sub(r"^bxs?-", "", path.stem)
            for _ in range(2 if pack.styles else 0):  # a style and a size
                stem = re.sub(f"-({pack.styles})$", "", stem)
            found[stem].append(path)
    return found
