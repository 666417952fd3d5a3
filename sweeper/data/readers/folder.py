"""Image folders: one subfolder per class, or ``train/ val/ test/`` that contain such subfolders."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from sweeper.data.class_names import encode, natural, require_two_classes
from sweeper.data.dataset import TRAIN
from sweeper.data.images.files import image_file
from sweeper.data.paths import origin, printable, require_utf8
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.readers.folder_entries import (
    is_image,
    is_visible,
    loose_images,
    refuse_loose_images,
    subfolders,
)
from sweeper.data.readers.folder_parts import folder_parts
from sweeper.data.readers.inner_folders import inner_folders, note_on_inner_folders
from sweeper.errors import SweeperError


def load(path: Path) -> RawDataset:
    """List the images of a folder; images in nested subfolders belong to the enclosing class.

    Classes are sorted naturally (``2`` before ``10``). Hidden files and folders are ignored; files
    without an image extension are counted in the notes. Links to folders are followed. If the
    subfolders are the parts of a predefined split (``train`` and ``val`` or ``test``, ``seg_train``
    and ``seg_test``, …, see `folder_parts`), they contain the class folders; otherwise each
    subfolder is a class.

    Raises:
        SweeperError: there are no class folders, only one class, a class without images, images
            outside class folders, a split without ``train`` or next to other folders, a class in
            ``val`` or ``test`` that ``train`` lacks, or what may be parts under other names.
    """
    parts = folder_parts(path)
    files: list[Path] = []
    classes: list[str] = []
    numbers: list[int] = []
    unread: list[Path] = []
    inner_names: dict[str, Counter[str]] = {}
    for folder, part in parts.items():
        for class_folder in _class_folders(folder):
            inside = _files(class_folder, path)
            images = [file for file in inside if is_image(file.name)]
            unread += [file for file in inside if not is_image(file.name)]
            if not images:
                raise SweeperError(
                    f"{path}: class {class_folder.name!r} is empty ({class_folder} has no images"
                    f"{_but(unread)}); add images or remove the folder"
                )
            files += images
            classes += [class_folder.name] * len(images)
            numbers += [part] * len(images)
            if part == TRAIN:
                inner_names[class_folder.name] = inner_folders(class_folder, images)
    labels, class_names = encode(classes)
    trained = {name for name, part in zip(classes, numbers, strict=True) if part == TRAIN}
    if untrained := [name for name in class_names if name not in trained]:
        raise SweeperError(
            f"{path}: class {untrained[0]!r} is not in train; add it there or remove it elsewhere"
        )
    if len(class_names) == 1 and len(inner := subfolders(path / class_names[0])) > 1:
        raise SweeperError(
            f"{path}: only one class ({class_names[0]!r}), with {len(inner)} folders inside; if "
            f"those are the classes, name {path / class_names[0]}"
        )
    require_two_classes(class_names, str(path))
    on_inner_folders = note_on_inner_folders(path, inner_names, named_parts=len(parts) > 1)
    return RawDataset(
        origin(path),
        labels,
        class_names,
        [image_file(file) for file in files],
        parts=torch.tensor(numbers, dtype=torch.uint8) if len(parts) > 1 else None,
        notes=(
            *((f"files that are not read: {_by_extension(unread)}",) if unread else ()),
            *on_inner_folders,
        ),
        sample_names=np.array([printable(file.relative_to(path)) for file in files], object),
    )


def _but(unread: Sequence[Path]) -> str:
    return f", but {_by_extension(unread)}" if unread else ""


def _by_extension(files: Sequence[Path]) -> str:
    """Return the number of files with each extension, the most frequent first."""
    counts = Counter(file.suffix.lower() or "without an ending" for file in files)
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {ending}" for ending, count in most_first)


def _class_folders(path: Path) -> list[Path]:
    folders = subfolders(path)
    if not folders:
        content = "has images but no subfolders" if loose_images(path) else "holds no images"
        raise SweeperError(f"{path} {content}; put each class's images into its own subfolder")
    refuse_loose_images(path)
    for folder in folders:
        require_utf8(folder)
    return folders


def _files(folder: Path, root: Path) -> list[Path]:
    """Return the visible files below a class folder in natural order of their paths."""
    files = []
    # A link may lead to a parent folder, or to the target of another link.
    seen = {os.path.realpath(visited) for visited in (root, folder.parent, folder)}
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
