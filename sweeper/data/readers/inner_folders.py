"""Telling whether class folders are parts of a split under other names: by the folders inside."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweeper.data.class_names import natural
from sweeper.errors import SweeperError

#: In place of a name, for images that lie in no inner folder.
_NONE = ""
#: A larger share of the images in no inner folder shows that the outer ones are classes; a few, a
#: montage or a plot, lie beside parts as well.
_STRAY = 0.05


def inner_folders(folder: Path, images: Sequence[Path]) -> Counter[str]:
    """Return the names of the folders inside a class folder, and how many images lie in each.

    A folder that wraps several others is passed over: of ``amazon/images/bike`` and
    ``amazon/images/mug`` the names are ``bike`` and ``mug``. An empty name stands for images that
    lie in none.
    """
    places = {image.parent for image in images} - {folder}
    outer = Path(os.path.commonpath(places)) if len(places) > 1 else folder
    names = {place: next(iter(place.relative_to(outer).parts), _NONE) for place in places}
    return Counter(names.get(image.parent, _NONE) for image in images)


def note_on_inner_folders(
    path: Path, inner: Mapping[str, Counter[str]], named_parts: bool
) -> tuple[str, ...]:
    """Return a note if several inner folders have names that more than one class folder contains.

    If most of the inner folders have, and hardly an image lies outside them, the class folders are
    as likely the parts of a split, its folds, or several versions of one data set. A few like names
    are chance: two genera have species of one name. Images in the class folders themselves, if
    there are more than a few, show that these are classes.

    Args:
        path: the data set, for messages.
        inner: what `inner_folders` returns, by class.
        named_parts: whether the class folders lie in ``train`` and others: these are the parts.

    Raises:
        SweeperError: they are as likely parts, and no other folders are.
    """
    times = Counter(name for names in inner.values() for name in names if name != _NONE)
    repeated = sorted((name for name, count in times.items() if count > 1), key=natural)
    if len(repeated) < 2:
        return ()
    names = _listed([repr(name) for name in repeated])
    most = 2 * sum(times[name] for name in repeated) > times.total()
    outside = sum(counts[_NONE] for counts in inner.values())
    few = outside <= _STRAY * sum(counts.total() for counts in inner.values())
    if most and few and not named_parts:
        outer = sorted((name for name in inner if inner[name].keys() & set(repeated)), key=natural)
        raise SweeperError(
            f"{path}: {_listed(outer)} contain folders with the same names ({names}), like the "
            "parts of a split; if they are parts, rename them to train, val and test, name one of "
            "them alone, or list the images in a .csv with the columns path, label, and split or "
            "group; if they are the classes, put the images of each directly into its folder"
        )
    return (
        f"class folders contain folders with the same names ({names}): the outer ones are the "
        "classes; if the inner ones are, list the images in a .csv with the columns path and label",
    )


def _listed(names: Sequence[str]) -> str:
    """Return the first three names, with a word on further ones."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    if more or len(names) == 1:
        return ", ".join(names[:3]) + more
    return f"{', '.join(names[:-1])} and {names[-1]}"
