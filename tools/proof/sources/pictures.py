"""Emoji as four vendors draw them, and flags as four packs draw them."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.icons.picture import read_all
from tools.proof.sources import packages

_VENDORS = ("apple", "facebook", "google", "twitter")
_EMOJI_VERSION = "16.0.0"
#: Flags are a source of their own; components are no emoji by themselves.
_LEFT_OUT = ("Flags", "Component")

#: Of each pack: its version and its folders with a file ``de.svg`` a country.
_PACKS = {
    "circle-flags": ("2.8.3", ("flags",)),
    "country-flag-icons": ("1.6.20", ("1x1", "3x2")),
    "flag-icons": ("7.5.0", ("flags/1x1", "flags/4x3")),
    "round-flag-icons": ("1.3.0", ("flags",)),
}


def emoji(side: int) -> dict[str, NDArray[np.generic]]:
    """Return each emoji of which all vendors have a picture, without its skin tones.

    Args:
        side: of an image in pixels.

    Returns:
        ``images`` uint8 ``[N, side, side, 3]``, on white; ``labels`` ``[N]``, the short names.

    Raises:
        SweeperError: the packages cannot be fetched.
    """
    folders = {
        vendor: packages.npm(f"emoji-datasource-{vendor}", _EMOJI_VERSION) for vendor in _VENDORS
    }
    listed = json.loads((folders["apple"] / "emoji.json").read_text(encoding="utf-8"))
    files = {
        each["short_name"]: [
            folders[vendor] / "img" / vendor / "64" / each["image"] for vendor in _VENDORS
        ]
        for each in listed
        if each["category"] not in _LEFT_OUT and all(each[f"has_img_{v}"] for v in _VENDORS)
    }
    return _drawn(files, side, fewest=len(_VENDORS))


def flags(side: int) -> dict[str, NDArray[np.generic]]:
    """Return each country's flag that all packs have, likewise; the labels are its two letters.

    Raises:
        SweeperError: the packages cannot be fetched.
    """
    files: dict[str, list[Path]] = defaultdict(list)
    for name, (version, folders) in _PACKS.items():
        pack = packages.npm(name, version)
        for path in (path for own in folders for path in (pack / own).glob("??.svg")):
            files[path.stem.lower()].append(path)
    return _drawn(files, side, fewest=sum(len(folders) for _, folders in _PACKS.values()))


def _drawn(files: dict[str, list[Path]], side: int, fewest: int) -> dict[str, NDArray[np.generic]]:
    """Draw the classes of so many files or more; no picture comes twice."""
    known = {name: own for name, own in files.items() if len(own) >= fewest}
    pictures, _ = read_all((path for own in known.values() for path in own), side)
    images, labels, seen = [], [], set()
    for name in sorted(known):
        for path in sorted(known[name]):
            picture = pictures.get(path)
            if picture is not None and picture.key not in seen:
                seen.add(picture.key)
                images.append(picture.image)
                labels.append(name)
    return {"images": np.stack(images), "labels": np.array(labels)}
