"""An image folder: a subfolder for each class, or ``train/ val/ test/`` with those inside."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch

from sweeper.data.class_names import encode, natural, require_two_classes
from sweeper.data.dataset import TRAIN
from sweeper.data.images.files import image_file
from sweeper.data.paths import origin, require_utf8
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.readers.folder_entries import (
    is_image,
    is_visible,
    loose_images,
    refuse_loose_images,
    subfolders,
)
from sweeper.data.readers.folder_parts import folder_parts
from sweeper.errors import SweeperError


def load(path: Path) -> RawDataset:
    """List the images of a folder; those of nested subfolders belong to the class above them.

    Classes are sorted naturally (``2`` before ``10``). Hidden files and folders are passed over;
    files whose ending is not that of an image are counted in the notes. Links to folders are
    followed. Folders that are the parts of a given split (``train`` beside ``val`` and ``test``,
    ``seg_train`` beside ``seg_test``, …, see `folder_parts`) hold the class folders; else each
    subfolder is a class.

    Raises:
        SweeperError: no class folders, only one class, a class without images, images beside class
            folders, a layout of parts without ``train`` or with other folders beside, or a class in
            ``val`` or ``test`` that ``train`` does not have.
    """
    parts = folder_parts(path)
    files: list[Path] = []
    classes: list[str] = []
    numbers: list[int] = []
    others: list[Path] = []
    for folder, part in parts.items():
        for class_folder in _class_folders(folder):
            inside = _files(class_folder, path)
            images = [file for file in inside if is_image(file.name)]
            others += [file for file in inside if not is_image(file.name)]
            if not images:
                raise SweeperError(
                    f"{path}: class {class_folder.name!r} is empty ({class_folder} has no images"
                    f"{_but(others)}); add images or remove the folder"
                )
            files += images
            classes += [class_folder.name] * len(images)
            numbers += [part] * len(images)
    labels, class_names = encode(classes)
    trained = {name for name, part in zip(classes, numbers, strict=True) if part == TRAIN}
    if strangers := [name for name in class_names if name not in trained]:
        raise SweeperError(
            f"{path}: class {strangers[0]!r} is not in train; add it there or remove it elsewhere"
        )
    if len(class_names) == 1 and len(inner := subfolders(path / class_names[0])) > 1:
        raise SweeperError(
            f"{path}: only one class ({class_names[0]!r}), with {len(inner)} folders inside; if "
            f"those are the classes, name {path / class_names[0]}"
        )
    require_two_classes(class_names, str(path))
    return RawDataset(
        origin(path),
        labels,
        class_names,
        [image_file(file) for file in files],
        parts=torch.tensor(numbers, dtype=torch.uint8) if len(parts) > 1 else None,
        notes=(f"files that are not read: {_by_ending(others)}",) if others else (),
    )


def _but(others: Sequence[Path]) -> str:
    return f", but {_by_ending(others)}" if others else ""


def _by_ending(files: Sequence[Path]) -> str:
    """Return how many files have each ending, the most frequent first."""
    counts = Counter(file.suffix.lower() or "without an ending" for file in files)
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {ending}" for ending, count in most_first)


def _class_folders(path: Path) -> list[Path]:
    folders = subfolders(path)
    if not folders:
        found = "images" if loose_images(path) else "nothing"
        raise SweeperError(
            f"{path}: {found} but no subfolders; put each class's images into one of its own"
        )
    refuse_loose_images(path)
    for folder in folders:
        require_utf8(folder)
    return folders


def _files(folder: Path, root: Path) -> list[Path]:
    """Return the visible files below a class folder in natural order of their paths."""
    files = []
    # A link may lead back to where it is, or to a folder that another one leads to.
    seen = {os.path.realpath(place) for place in (root, folder.parent, folder)}
    for place, inside, names in os.walk(folder, followlinks=True):
        fresh = []
        for name in sorted(inside):
            target = os.path.realpath(os.path.join(place, name))
            if is_visible(name) and target not in seen:
                seen.add(target)
                fresh.append(name)
        inside[:] = fresh
        files += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(files, key=lambda file: natural(str(file)))
